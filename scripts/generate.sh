#!/usr/bin/env bash
# Writes the generated files anew: go generate in the modules that have a directive for it, and
# `npm run generate` where a package.json has one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/require.sh
for module in $(modules); do
  if grep -rqs --include='*.go' --exclude-dir=node_modules '^//go:generate ' "$module"; then
    say "Generating in $module"
    (cd "$module" && go generate ./...)
  fi
done
for dir in $(npm_projects); do
  if grep -q '"generate":' "$dir/package.json"; then
    scripts/npm-ci.sh "$dir"
    say "Generating in $dir"
    (cd "$dir" && npm run --silent generate)
  fi
done
