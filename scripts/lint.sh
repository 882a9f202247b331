#!/usr/bin/env bash
# Lints every Go module and npm project, and the scripts where shellcheck is at hand. It goes on
# after a finding, so that one run shows them all.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

status=0
scripts/require.sh
golangci=$(scripts/golangci.sh)

# One run over the whole workspace costs a third of one run a module, since what the modules share
# is read once. Only the rules about go.mod need to stand in the module's folder.
say "Linting Go"
patterns=()
for module in $(modules); do patterns+=("./$module/..."); done
"$golangci" run --allow-serial-runners "${patterns[@]}" || status=1
for module in $(modules); do
  (cd "$module" && quietly "$cache/gomod.log" "$golangci" run --allow-serial-runners \
    --enable-only gomoddirectives ./...) || status=1
done

for dir in $(npm_projects); do
  scripts/npm-ci.sh "$dir"
  say "Linting TypeScript: $dir"
  (cd "$dir" && npm run --silent lint) || status=1
done

if have shellcheck; then
  say "Linting the scripts"
  shellcheck scripts/*.sh infra/*/*.sh .ci/run || status=1
fi
exit $status
