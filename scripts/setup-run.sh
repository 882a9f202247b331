#!/usr/bin/env bash
# Gets redis-server for `numbermill up` where that needs no question. Without it `up` works
# too: it then keeps its jobs in memory and says so.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if have redis-server; then exit 0; fi
if can_apt; then
  say "Installing redis-server from the distribution"
  apt_install redis-server || true
fi
have redis-server || say "redis-server was not found: jobs will end with the process."
