#!/usr/bin/env bash
# Measures what telemetry costs: the platform with everything on beside everything off, by turns, and writes its part of docs/benchmarks.md.
# usage: scripts/bench-telemetry.sh [--quick]     (--quick: less than a minute, prints its part and writes no file)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bench=$cache/bench
mkdir -p "$bench"
scripts/setup-tests.sh redis-server
have redis-server || die "redis-server is not installed, and this measures a platform on a real one"
scripts/build.sh
# A copy, so that a build meanwhile changes nothing of what is measured.
cp bin/numbermill "$bench/numbermill"
go build -o "$bench/bench-telemetry" ./e2e/cmd/bench-telemetry
exec "$bench/bench-telemetry" -numbermill "$bench/numbermill" -docs docs "$@"
