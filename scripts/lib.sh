# shellcheck shell=bash
# What the other scripts share. Sourced, never run: it moves to the top of the tree and
# defines functions. Everything said to a person goes to standard error.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
cache=$root/.cache
mkdir -p "$cache"

# say, warn and die speak; die also ends the script.
say() { printf '%s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# modules lists the folders of the workspace's modules, one a line.
modules() { sed -n 's|^[[:space:]]*\./\([^[:space:]]*\).*|\1|p' go.work; }

# npm_projects lists the folders that hold a package.json of ours.
npm_projects() {
  local dir
  for dir in frontend e2e/browser infra/grafana/types; do
    if [ -f "$dir/package.json" ]; then printf '%s\n' "$dir"; fi
  done
}

# digest prints the SHA-256 of standard input.
digest() { sha256 | cut -d ' ' -f 1; }

# digest_files prints one SHA-256 over the names and contents of the files named on standard
# input, one a line.
digest_files() {
  local file files=()
  while IFS= read -r file; do files+=("$file"); done
  if [ ${#files[@]} -gt 0 ]; then sha256 "${files[@]}"; fi | LC_ALL=C sort | digest
}

if have sha256sum; then sha256() { sha256sum "$@"; }; else sha256() { shasum -a 256 "$@"; }; fi

# at_least tells whether version $1 is $2 or newer; both look like 1.26 or 1.26.8.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$2" ]
}

# quietly runs a command with its output in a log, and shows the log only if it fails.
# usage: quietly LOG COMMAND…
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  cat "$log" >&2
  return 1
}

# can_apt tells whether packages of the distribution can be installed without asking.
can_apt() { [ "$(id -u)" = 0 ] && have apt-get && [ -f /etc/debian_version ]; }

# apt_install installs Debian packages and starts none of the services they bring. One that
# cannot be had does not keep the others out.
apt_install() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  options=(-y -qq --no-install-recommends -o DPkg::Lock::Timeout=300)
  {
    apt-get update -qq
    apt-get install "${options[@]}" "$@" ||
      for package in "$@"; do apt-get install "${options[@]}" "$package" || true; done
  } >"$cache/apt.log" 2>&1 </dev/null
)
