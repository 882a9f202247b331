#!/usr/bin/env bash
# Runs suites of tests and closes with one line over all of them: N passed, N failed, N skipped.
# usage: scripts/test.sh SUITE…     (go, large, e2e, web, browser)
#
# A suite leaves its report in .cache/test and a line in .cache/test/suites; e2e/cmd/tally reads
# both and judges. With CI=true whatever could not run counts as failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$cache/test
suites=$out/suites
tally=$cache/bin/tally
rm -rf "$out"
mkdir -p "$out"
: >"$suites"

# record notes a suite for the tally: name, kind of report, exit status, seconds, report, log.
record() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$suites"; }

# go_suite runs go test and keeps its events; a line a package shows how far it is.
# usage: go_suite NAME ARGUMENT…
go_suite() {
  local name=$1 start=$SECONDS status=0
  shift
  go test -json -timeout 10m "$@" 2>"$out/$name.log" </dev/null |
    tee "$out/$name.json" | "$tally" watch >&2 || status=$?
  record "$name" go "$status" $((SECONDS - start)) "$out/$name.json" "$out/$name.log"
}

# vitest_suite runs the Vitest project of a folder.
# usage: vitest_suite NAME FOLDER
vitest_suite() {
  local name=$1 dir=$2 start=$SECONDS status=0
  (scripts/npm-ci.sh "$dir" && cd "$dir" && NO_COLOR=1 npx --no-install vitest run --reporter=default \
    --reporter=json --outputFile.json="$out/$name.json") >"$out/$name.log" 2>&1 </dev/null || status=$?
  record "$name" vitest "$status" $((SECONDS - start)) "$out/$name.json" "$out/$name.log"
}

# large_tests lists the test files that the race detector would slow down too much.
large_tests() {
  modules | while read -r module; do
    find "$module" -name node_modules -prune -o -name '*_test.go' -print
  done | tr '\n' '\0' | xargs -0 grep -lE '^//go:build .*!race' || true
}

run_go() {
  local patterns=() module
  for module in $(modules); do
    if [ "$module" != e2e ]; then patterns+=("./$module/..."); fi
  done
  say "Go tests with the race detector"
  go_suite go "$race" "${patterns[@]}" ./e2e/cmd/...
}

# The tests of files marked !race run here, by name, so that nothing else runs twice.
run_large() {
  local files names dirs
  files=$(large_tests)
  if [ -z "$files" ]; then return 0; fi
  names=$(printf '%s\n' "$files" | tr '\n' '\0' |
    xargs -0 sed -n 's/^func \(\(Test\|Example\|Fuzz\)[A-Za-z0-9_]*\)(.*/\1/p' | sort -u | paste -s -d '|' -)
  dirs=$(printf '%s\n' "$files" | sed 's|/[^/]*$||; s|^|./|' | sort -u)
  say "Go tests of large numbers, without the race detector"
  # shellcheck disable=SC2086 # one word a folder
  go_suite large -run "^($names)\$" $dirs
}

# Whole-system tests drive the binary, which Go's test cache does not watch.
run_e2e() {
  local packages
  packages=$(go list ./e2e/... | grep -v '^numbermill/e2e/cmd/' || true)
  if [ -z "$packages" ]; then return 0; fi
  # Without it its test does not run; the list of missing programs says so.
  NUMBERMILL_SCHEMATHESIS=$(scripts/schemathesis.sh 2>/dev/null) || true
  export NUMBERMILL_SCHEMATHESIS
  say "End-to-end tests on the real binary"
  # shellcheck disable=SC2086 # one word a package
  go_suite e2e -count=1 "$race" $packages
}

run_web() {
  say "Unit tests of the web app"
  vitest_suite web frontend
}

# Without a browser the suite does not run; the list of missing programs says so.
run_browser() {
  CHROMIUM=$(scripts/find-chromium.sh) || return 0
  export CHROMIUM
  say "Tests in a real browser"
  vitest_suite browser e2e/browser
}

# needs names the programs that a suite drives.
needs() {
  case $1 in
    go) echo redis-server cc elasticsearch ;;
    e2e) echo redis-server nginx cc schemathesis elasticsearch ;;
    browser) echo redis-server chromium ;;
  esac
}

# start_elasticsearch starts the one node that all tests share, beside what is built. It ends with this script, however that ends: it lives
# as long as somebody can write into the pipe that it reads.
start_elasticsearch() {
  mkfifo "$out/elasticsearch.lease"
  scripts/elasticsearch.sh run <"$out/elasticsearch.lease" >"$out/elasticsearch.url" 2>"$out/elasticsearch.log" &
  elasticsearch=$!
  trap stop_elasticsearch EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  exec 9>"$out/elasticsearch.lease"
}

stop_elasticsearch() {
  kill "$elasticsearch" 2>/dev/null || true
  wait "$elasticsearch" || true
}

# await_elasticsearch names the node to the tests once it answers. Without it those that need one try for themselves, and say what is wrong.
await_elasticsearch() {
  until [ -s "$out/elasticsearch.url" ]; do
    if ! kill -0 "$elasticsearch" 2>/dev/null; then
      warn "Elasticsearch has not started: $(tail -n 1 "$out/elasticsearch.log")"
      return 0
    fi
    sleep 0.2
  done
  NUMBERMILL_TEST_ELASTICSEARCH=$(cat "$out/elasticsearch.url")
  export NUMBERMILL_TEST_ELASTICSEARCH
}

# run_build builds the binary; if it fails, that counts, and the tests that need no binary still run.
run_build() {
  local start=$SECONDS status=0
  scripts/build.sh 2>&1 | tee "$out/build.log" >&2 || status=$?
  if [ "$status" != 0 ]; then
    record build step "$status" $((SECONDS - start)) "" "$out/build.log"
  fi
}

scripts/require.sh
# shellcheck disable=SC2046 # one word a program
scripts/setup-tests.sh $(for suite in "$@"; do needs "$suite"; done | tr ' ' '\n' | sort -u)
wants_elasticsearch=false
for suite in "$@"; do case " $(needs "$suite") " in *" elasticsearch "*) wants_elasticsearch=true ;; esac done
if grep -q '^elasticsearch' "$out/missing"; then wants_elasticsearch=false; fi
if $wants_elasticsearch; then start_elasticsearch; fi
# The race detector needs a C compiler.
race=-race=false
if have cc; then race=-race; fi

go build -o "$tally" ./e2e/cmd/tally
export NUMBERMILL_BIN=$root/bin/numbermill
run_build
if $wants_elasticsearch; then await_elasticsearch; fi

for suite in "$@"; do "run_$suite"; done
"$tally" report --missing "$out/missing" "$suites"
