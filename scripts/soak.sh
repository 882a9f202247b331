#!/usr/bin/env bash
# Runs the fault runs in full, one after the other, and closes with a table of what they have measured.
# usage: scripts/soak.sh [RUN…]     RUN is the begin of a test's name in e2e/faults, in any case, such as kills; without one all run.
#        NUMBERMILL_SEED=N scripts/soak.sh kills     does what a run with that seed did
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pattern=^Test
if [ $# -gt 0 ]; then pattern="(?i)^Test($(printf '%s|' "$@" | sed 's/|$//'))"; fi
scripts/require.sh
scripts/setup-tests.sh redis-server schemathesis
scripts/build.sh
mkdir -p "$cache/soak"
# A copy, so that a build meanwhile changes nothing of what is tested.
cp bin/numbermill "$cache/soak/numbermill"
rm -rf "$cache/soak/logs"
mkdir -p "$cache/soak/logs"
export NUMBERMILL_SOAK=1 NUMBERMILL_BIN=$cache/soak/numbermill NUMBERMILL_LOGS=$cache/soak/logs
NUMBERMILL_SCHEMATHESIS=$(scripts/schemathesis.sh) || true
export NUMBERMILL_SCHEMATHESIS
go test -count=1 -timeout 60m -v -run "$pattern" ./e2e/faults | tee "$cache/soak/log"
