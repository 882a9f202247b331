#!/usr/bin/env bash
# Gets the programs that the tests drive. As root on Debian they are installed from the
# distribution, with no service started; elsewhere what is missing is listed in
# .cache/test/missing, one a line: program, what suffers, how to get it (separated by tabs).
# usage: scripts/setup-tests.sh PROGRAM…      (redis-server, nginx, chromium, cc, schemathesis, elasticsearch)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# found tells whether a program is there.
found() {
  case $1 in
    chromium) scripts/find-chromium.sh >/dev/null ;;
    schemathesis) scripts/schemathesis.sh >/dev/null ;;          # gets it where it can, from PyPI
    elasticsearch) scripts/elasticsearch.sh install >/dev/null ;; # and it from Maven Central
    *) have "$1" ;;
  esac
}

# packages names the Debian packages that bring a program; pages need a font to render, and a release has one of the two JDKs.
packages() {
  case $1 in
    chromium) echo chromium fonts-liberation ;;
    cc) echo gcc libc6-dev ;;
    schemathesis) echo python3 python3-venv ;;
    elasticsearch) echo maven unzip openjdk-17-jdk-headless openjdk-21-jdk-headless ;;
    *) echo "$1" ;;
  esac
}

# suffers says what does not run, or runs worse, without a program.
suffers() {
  case $1 in
    redis-server) echo "tests on a real Redis" ;;
    nginx) echo "tests behind a real nginx" ;;
    chromium) echo "tests in a real browser" ;;
    cc) echo "the race detector" ;;
    schemathesis) echo "a search for requests that the API does not answer as documented" ;;
    elasticsearch) echo "tests on a real Elasticsearch: history, service levels, every panel and alert rule" ;;
  esac
}

# remedy says how a person gets a program.
remedy() {
  case $1 in
    redis-server) echo "sudo apt-get install redis-server, or brew install redis" ;;
    nginx) echo "sudo apt-get install nginx, or brew install nginx" ;;
    chromium) echo "sudo apt-get install chromium, or brew install --cask chromium, or set CHROMIUM to a browser's path" ;;
    cc) echo "sudo apt-get install gcc libc6-dev, or xcode-select --install" ;;
    schemathesis) echo "Python 3.10 or newer with venv, and a connection to PyPI" ;;
    elasticsearch) echo "sudo apt-get install maven unzip openjdk-17-jdk-headless, or brew install maven openjdk@17, and a connection to Maven Central" ;;
  esac
}

missing() {
  local program
  for program in "$@"; do found "$program" || printf '%s\n' "$program"; done
}

list=$cache/test/missing
mkdir -p "$cache/test"
: >"$list"

lacking=$(missing "$@")
if [ -n "$lacking" ] && can_apt; then
  wanted=$(for program in $lacking; do packages "$program"; done | tr '\n' ' ')
  say "Installing for the tests: $wanted"
  # shellcheck disable=SC2086 # one word a package
  apt_install $wanted || true
  lacking=$(missing "$@")
fi
for program in $lacking; do
  printf '%s\t%s\t%s\n' "$program" "$(suffers "$program")" "$(remedy "$program")" >>"$list"
  warn "$program was not found: $(suffers "$program") will not run"
done
