#!/usr/bin/env bash
# Follows what the platform's services say, until Ctrl-C.
# usage: scripts/logs.sh [SERVICE…]     (all of them if none is named)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. scripts/docker.sh

require_docker
everything
exec docker compose logs --follow --tail 200 "$@"
