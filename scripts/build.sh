#!/usr/bin/env bash
# Builds the web app and the binary that carries it, bin/numbermill, redoing only what changed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# web_sources lists what the web app is built from; tests and Go files are not part of it.
web_sources() {
  find frontend \( -name node_modules -o -path frontend/dist \) -prune -o \
    -type f ! -name '*.go' ! -name 'go.*' ! -name '*.test.ts' ! -name '*.test.tsx' -print
}

# web_stamp names this state of the sources together with what was built from them, so that a
# changed source and a changed or lost output both ask for a build.
web_stamp() {
  { web_sources && find frontend/dist -type f; } 2>/dev/null | digest_files
}

build_web() {
  local stamp=$cache/web.stamp
  scripts/npm-ci.sh frontend
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(web_stamp)" ]; then return 0; fi
  say "Building the web app"
  (
    cd frontend
    quietly "$cache/web-build.log" npm run --silent build
  ) || die "the web app does not build"
  web_stamp >"$stamp"
}

# version is the nearest tag, or the commit, and says when the tree was changed since; empty
# outside of Git, where the binary falls back to what Go recorded.
version() { git describe --tags --always --dirty 2>/dev/null || true; }

build_binary() {
  local out=bin/numbermill
  [ -f "$out" ] || say "Building $out (the first time fetches and compiles every package)"
  # Go itself knows best what changed: with nothing to do this takes half a second.
  CGO_ENABLED=0 go build -trimpath -o "$out" \
    -ldflags "-s -w -X numbermill/cli/internal/version.version=$(version)" ./cli/cmd/numbermill
  say "$out is ready"
}

scripts/require.sh
build_web
build_binary
