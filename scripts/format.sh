#!/usr/bin/env bash
# Formats Go and TypeScript in place.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/require.sh
golangci=$(scripts/golangci.sh)
patterns=()
for module in $(modules); do patterns+=("./$module/..."); done
"$golangci" fmt "${patterns[@]}"
for dir in $(npm_projects); do
  scripts/npm-ci.sh "$dir"
  (cd "$dir" && npm run --silent format)
done
