#!/usr/bin/env bash
# Prints the path of golangci-lint in the version this tree is checked with. It is built from
# source the first time (some minutes), since a linter must know the Go it reads.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version=v2.15.0
binary=$cache/bin/golangci-lint-$version-$(go env GOVERSION)

if [ ! -x "$binary" ]; then
  say "Building golangci-lint $version (once)"
  GOWORK=off GOBIN=$cache/bin CGO_ENABLED=0 quietly "$cache/golangci.log" \
    go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version" ||
    die "golangci-lint $version does not build"
  mv "$cache/bin/golangci-lint" "$binary"
fi
printf '%s\n' "$binary"
