#!/usr/bin/env bash
# Fetches ahead what make build, make test and make check need, for a machine that will be offline.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/require.sh
say "Fetching the Go modules"
go mod download
for dir in $(npm_projects); do scripts/npm-ci.sh "$dir"; done
scripts/setup-tests.sh redis-server nginx chromium cc elasticsearch
scripts/golangci.sh >/dev/null
say "Ready."
