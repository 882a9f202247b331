#!/usr/bin/env bash
# Installs the npm packages of one or more folders, each only when its lock file changed.
# usage: scripts/npm-ci.sh FOLDER…
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for dir in "$@"; do
  stamp=$dir/node_modules/.stamp
  want=$({ node --version && cat "$dir/package-lock.json"; } | digest)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then continue; fi
  say "Installing the npm packages of $dir"
  (
    cd "$dir"
    quietly "$cache/npm-ci.log" npm ci --no-audit --no-fund --loglevel=error
  ) || die "npm ci failed in $dir. If the lock lacks packages for other platforms: node scripts/lock-platforms.mjs $dir"
  printf '%s\n' "$want" >"$stamp"
done
