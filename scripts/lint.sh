#!/usr/bin/env bash
# Lints every Go module and npm project, and the scripts where shellcheck is at hand. It goes on
# after a finding, so that one run shows them all.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

status=0
scripts/require.sh
golangci=$(scripts/golangci.sh)

for module in $(modules); do
  if [ -z "$(find "$module" -name node_modules -prune -o -name '*.go' -print | head -n 1)" ]; then continue; fi
  say "Linting Go: $module"
  (cd "$module" && "$golangci" run --allow-serial-runners ./...) || status=1
done

for dir in $(npm_projects); do
  scripts/npm-ci.sh "$dir"
  say "Linting TypeScript: $dir"
  (cd "$dir" && npm run --silent lint) || status=1
done

if have shellcheck; then
  say "Linting the scripts"
  shellcheck scripts/*.sh .ci/run || status=1
fi
exit $status
