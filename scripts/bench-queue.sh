#!/usr/bin/env bash
# Measures how fast small jobs are carried, beside Asynq, BLMOVE, BullMQ and Celery, which it gets first where that needs no question, and
# writes its part of docs/benchmarks.md. What cannot be had is left out, and the page says so.
# usage: scripts/bench-queue.sh [--quick] [--rounds N] [--only asynq,blmove,bullmq,celery]
#        (--quick: less than two minutes, prints its part and writes no file)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

peers=e2e/cmd/bench-queue/peers
bench=$cache/bench
bullmq=$bench/bullmq
celery=$bench/celery

# current tells whether what a folder holds was made from this digest.
current() { [ "$(cat "$1/ready" 2>/dev/null)" = "$2" ]; }

# digest_peer names a peer's files and the program that runs them.
digest_peer() {
  { "$2" --version && find "$peers/$1" -type f | digest_files; } | digest
}

# get_bullmq installs BullMQ's packages beside a copy of its programs.
get_bullmq() {
  have node && have npm || return 1
  local want
  want=$(digest_peer bullmq node)
  if current "$bullmq" "$want"; then return 0; fi
  say "Installing BullMQ into .cache/bench/bullmq"
  rm -rf "$bullmq"
  cp -r "$peers/bullmq" "$bullmq"
  (cd "$bullmq" && quietly "$bench/npm.log" npm ci --no-audit --no-fund --loglevel=error) || return 1
  printf '%s\n' "$want" >"$bullmq/ready"
}

# get_celery makes a Python of its own that has Celery, Flask and gunicorn, beside a copy of the programs.
get_celery() {
  have python3 || return 1
  local want
  want=$(digest_peer celery python3)
  if current "$celery" "$want"; then return 0; fi
  say "Installing Celery into .cache/bench/celery"
  rm -rf "$celery"
  cp -r "$peers/celery" "$celery"
  quietly "$bench/venv.log" python3 -m venv "$celery/venv" || return 1
  quietly "$bench/pip.log" "$celery/venv/bin/python" -m pip install --disable-pip-version-check --only-binary :all: \
    --require-hashes -r "$celery/requirements.txt" || return 1
  printf '%s\n' "$want" >"$celery/ready"
}

mkdir -p "$bench"
scripts/setup-tests.sh redis-server
have redis-server || die "redis-server is not installed, and everything that this measures works on it"
packages=()
have node || packages+=(nodejs npm)
{ have python3 && python3 -c 'import ensurepip, venv' >/dev/null 2>&1; } || packages+=(python3 python3-venv)
if [ ${#packages[@]} -gt 0 ] && can_apt; then
  say "Installing to measure against: ${packages[*]}"
  apt_install "${packages[@]}" || true
fi
flags=()
if get_bullmq; then flags+=(-bullmq "$bullmq"); else warn "BullMQ could not be installed; its column will be left out"; fi
if get_celery; then
  flags+=(-celery "$celery" -python "$celery/venv/bin")
else
  warn "Celery could not be installed; its column will be left out"
fi
scripts/build.sh
# A copy, so that a build meanwhile changes nothing of what is measured.
cp bin/numbermill "$bench/numbermill"
go build -o "$bench/bench-queue" ./e2e/cmd/bench-queue
exec "$bench/bench-queue" -numbermill "$bench/numbermill" "${flags[@]}" -docs docs "$@"
