#!/usr/bin/env bash
# Removes what make made, and nothing that Git knows.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/elasticsearch.sh stop
rm -rf bin
for dir in $(npm_projects); do rm -rf "$dir/node_modules"; done
if [ -d frontend/dist ]; then git clean -qfdX -- frontend/dist; fi
# The module that golangci-lint is built from stays in Go's own cache, so it comes back quickly.
rm -rf .cache
