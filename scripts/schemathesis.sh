#!/usr/bin/env bash
# Prints where schemathesis is, which it gets first into .cache/schemathesis: once for each version that is asked for. Fails where Python
# or the package cannot be had.
# usage: scripts/schemathesis.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

requirements=e2e/faults/schemathesis/requirements.txt
dir=$cache/schemathesis
venv=$dir/venv
stamp=$venv/ready
want=$(digest <"$requirements")

has_venv() { have python3 && python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }

if [ -x "$venv/bin/st" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
  printf '%s\n' "$venv/bin/st"
  exit 0
fi
has_venv || die "schemathesis needs Python with venv (Debian: python3-venv)"
say "Installing schemathesis into .cache/schemathesis"
rm -rf "$venv"
quietly "$dir/venv.log" python3 -m venv "$venv"
quietly "$dir/pip.log" "$venv/bin/python" -m pip install --disable-pip-version-check --only-binary :all: \
  --require-hashes -r "$requirements"
printf '%s\n' "$want" >"$stamp"
printf '%s\n' "$venv/bin/st"
