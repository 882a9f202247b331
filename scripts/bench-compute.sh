#!/usr/bin/env bash
# Measures the binary beside GMP, PARI/GP, math/big and Python's integers, which it gets first where that needs no question, and writes
# its part of docs/benchmarks.md. What cannot be had is left out, and the page says so.
# usage: scripts/bench-compute.sh [--quick]     (--quick: less than a minute, prints its part and writes no file)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tool=e2e/cmd/bench-compute
bench=$cache/bench
python=$bench/venv/bin/python

# The names of Debian's packages differ from those of the programs.
get_programs() {
  local packages=()
  have gp || packages+=(pari-gp)
  { have python3 && python3 -c 'import ensurepip, venv' >/dev/null 2>&1; } || packages+=(python3 python3-venv)
  if [ ${#packages[@]} -gt 0 ] && can_apt; then
    say "Installing to measure against: ${packages[*]}"
    apt_install "${packages[@]}" || true
  fi
}

# get_gmpy2 makes a Python of our own that has gmpy2, once for each version that is asked for.
get_gmpy2() {
  local stamp=$bench/venv/ready want
  want=$(digest <"$tool/peers/requirements.txt")
  if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return 0; fi
  say "Installing gmpy2 into .cache/bench/venv"
  rm -rf "$bench/venv"
  if quietly "$bench/venv.log" python3 -m venv "$bench/venv" &&
    quietly "$bench/pip.log" "$python" -m pip install --disable-pip-version-check --only-binary :all: \
      --require-hashes -r "$tool/peers/requirements.txt"; then
    printf '%s\n' "$want" >"$stamp"
    return 0
  fi
  warn "gmpy2 could not be installed; its rows will be left out"
  # Python's own integers need no more than Python.
  if [ ! -x "$python" ]; then python=python3; fi
}

mkdir -p "$bench"
get_programs
get_gmpy2
scripts/build.sh
# A copy, so that a build meanwhile changes nothing of what is measured.
cp bin/numbermill "$bench/numbermill"
go build -o "$bench/mathbig" "./$tool/mathbig"
go build -o "$bench/bench-compute" "./$tool"
exec "$bench/bench-compute" -numbermill "$bench/numbermill" -mathbig "$bench/mathbig" -python "$python" -gp gp \
  -peers "$tool/peers" -docs docs "$@"
