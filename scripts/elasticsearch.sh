#!/usr/bin/env bash
# A real Elasticsearch for tests: one node, in memory of 256 MB, on loopback. The program comes from Maven Central, once for all clones
# of a user. Needs mvn, unzip and a JDK (17 or 21).
# usage: scripts/elasticsearch.sh install               get it, and print where it is
#        scripts/elasticsearch.sh run [PORT [FOLDER]]   print its URL once it answers; it lives until standard input ends
#        scripts/elasticsearch.sh start [PORT]          the same, but it lives until it is stopped
#        scripts/elasticsearch.sh stop                  stop what start started
# PORT 0, or none, is any free one. FOLDER keeps the data; without it the data goes with the node. ELASTIC_PASSWORD turns security on,
# with that password for the user elastic. ES_HEAP (256m) is the heap.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version=8.19.21
zip_sha256=215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a
copy_plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy
artifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip
shim=$root/scripts/elasticsearch
state=$cache/elasticsearch
patience=300 # seconds that a start may take, on a machine that is busy with other things

# Elasticsearch refuses to run as root, so root hands it to nobody, who must be able to read it.
if [ "$(id -u)" = 0 ]; then
  store=/var/cache/numbermill
  drop=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
else
  store=${XDG_CACHE_HOME:-$HOME/.cache}/numbermill
  drop=()
fi

# java_home prints where a JDK is that this version of Elasticsearch runs on.
java_home() {
  local home
  for home in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*17* /usr/lib/jvm/*21* "$(from_path javac)" "$(/usr/libexec/java_home -v 17 2>/dev/null)"; do
    if [ -n "$home" ] && [ -x "$home/bin/javac" ] && "$home/bin/javac" -version 2>&1 | grep -Eq '^javac (17|21)(\.|$)'; then
      printf '%s\n' "$home"
      return
    fi
  done
  die "Elasticsearch needs a JDK, 17 or 21 (Debian: openjdk-17-jdk-headless)"
}

# from_path prints the folder above that of a program on PATH, links followed.
from_path() {
  local program
  program=$(command -v "$1") || return 0
  while [ -L "$program" ]; do program=$(cd "$(dirname "$program")" && readlink "$program"); done
  dirname "$(dirname "$program")"
}

# installed prints the folder of this version with this shim, whether it is there or not.
installed() {
  printf '%s/elasticsearch-%s-%s\n' "$store" "$version" \
    "$(find "$shim" -type f | LC_ALL=C sort | xargs cat | digest | cut -c 1-12)"
}

# install gets it into a folder of its own first, so that what stands at its place is always whole.
install() (
  place=$(installed)
  if [ ! -d "$place" ]; then
    java=$(java_home)
    for program in mvn unzip; do have "$program" || die "$program was not found, and Elasticsearch is not installed yet"; done
    say "Installing Elasticsearch $version for the tests into $store"
    umask 022
    mkdir -p "$store"
    new=$(mktemp -d "$store/.new.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    download "$java" "$new"
    build_shim "$java" "$new/elasticsearch-$version"
    chmod -R a+rX "$new"
    # If somebody else was faster, ours lands in theirs, and is removed from there.
    mv "$new/elasticsearch-$version" "$place" 2>/dev/null || [ -d "$place" ]
    rm -rf "$place/elasticsearch-$version"
  fi
  printf '%s\n' "$place"
)

download() {
  JAVA_HOME=$1 quietly "$state/download.log" mvn -B -C "$copy_plugin" -Dartifact="$artifact" -DoutputDirectory="$2"
  local archive=$2/elasticsearch-$version.zip
  [ "$(digest <"$archive")" = "$zip_sha256" ] || die "what came as $artifact is not what was expected; its SHA-256 differs"
  unzip -q "$archive" -d "$2"
  rm -f "$archive"
}

# build_shim adds the little that our tests need and this distribution lacks.
build_shim() {
  local module=$2/modules/numbermill-test
  mkdir -p "$module" "$2/shim"
  "$1/bin/javac" -nowarn --release 17 -d "$2/shim" -cp "$2/lib/*" "$shim"/src/numbermill/test/*.java
  "$1/bin/jar" --create --file "$module/numbermill-test.jar" -C "$2/shim" .
  rm -rf "$2/shim"
  sed "s/@VERSION@/$version/" "$shim/plugin-descriptor.properties" >"$module/plugin-descriptor.properties"
}

# configure writes the settings of a node into its folder.
# usage: configure FOLDER PORT
configure() {
  mkdir -p "$1"/{config,data,logs,tmp}
  cat >"$1/config/elasticsearch.yml" <<YAML
cluster.name: test
node.name: test
discovery.type: single-node
network.host: 127.0.0.1
http.port: $2
transport.port: 0
node.portsfile: true
path.data: $1/data
path.logs: $1/logs
xpack.security.enabled: $(if [ -n "${ELASTIC_PASSWORD:-}" ]; then echo true; else echo false; fi)
xpack.security.autoconfiguration.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
YAML
  cat >"$1/config/jvm.options" <<OPTIONS
-Xms${ES_HEAP:-256m}
-Xmx${ES_HEAP:-256m}
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-XX:-HeapDumpOnOutOfMemoryError
-Djava.io.tmpdir=\${ES_TMPDIR}
OPTIONS
  cat >"$1/config/log4j2.properties" <<'LOG'
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
LOG
  rm -f "$1/logs/http.ports"
  if [ "$(id -u)" = 0 ]; then chown -R nobody "$1"; fi
}

# within replaces this shell by a program of Elasticsearch, in the environment of a node.
# usage: within FOLDER PROGRAM ARGUMENT…
within() {
  local folder=$1 program=$2
  shift 2
  cd "$folder"
  exec "${drop[@]+"${drop[@]}"}" "${dies[@]+"${dies[@]}"}" env -i PATH="$PATH" HOME="$folder" LANG=C.UTF-8 ES_JAVA_HOME="$jdk" \
    ES_PATH_CONF="$folder/config" ES_TMPDIR="$folder/tmp" CLI_JAVA_OPTS="-XX:TieredStopAtLevel=1 -Xshare:auto" \
    bash "$home/bin/$program" "$@"
}

# set_password makes the keystore that turns security on, in a folder that has none.
set_password() {
  local dies=()
  if [ -z "${ELASTIC_PASSWORD:-}" ] || [ -e "$1/config/elasticsearch.keystore" ]; then return 0; fi
  (within "$1" elasticsearch-keystore create -s) >/dev/null
  printf %s "$ELASTIC_PASSWORD" | (within "$1" elasticsearch-keystore add -x -s bootstrap.password)
}

# run serves until standard input ends, or until it is told to by a signal.
run() {
  local port=${1:-0} dies=() address
  # The trap needs these when the function is gone.
  folder=${2:-} keep=${2:-} node="" lease=""
  home=$(install)
  jdk=$(java_home)
  if [ -z "$folder" ]; then folder=$(mktemp -d "${TMPDIR:-/tmp}/elasticsearch.XXXXXX"); fi
  trap 'finish "$node" "$lease" "$folder" "$keep"' EXIT
  trap 'exit 0' HUP INT TERM
  mkdir -p "$folder"
  chmod 755 "$folder"
  configure "$folder" "$port"
  set_password "$folder"
  # On Linux it ends with this shell even if that is killed.
  if have setpriv; then dies=(setpriv --pdeathsig TERM); fi
  (within "$folder" elasticsearch -p "$folder/pid") </dev/null >"$folder/logs/output" 2>&1 &
  node=$!
  exec 3<&0
  (while read -r _; do :; done <&3; kill "$$") >/dev/null 2>&1 &
  lease=$!
  address=$(await "$node" "$folder")
  printf 'http://%s\n' "$address"
  wait "$node" || { cat "$folder/logs/output" >&2 && die "Elasticsearch has ended by itself"; }
}

# await prints the address of a node once it answers there.
await() {
  local tenths
  for ((tenths = 0; tenths < patience * 10; tenths++)); do
    if [ -s "$2/logs/http.ports" ]; then
      head -n 1 "$2/logs/http.ports"
      return 0
    fi
    if ! kill -0 "$1" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat "$2/logs/output" >&2
  die "Elasticsearch has not started"
}

# finish ends a node, the hard way if need be, and removes its folder unless that is to be kept.
# usage: finish NODE LEASE FOLDER KEEP
finish() {
  trap '' HUP INT TERM
  if [ -n "$2" ]; then kill "$2" 2>/dev/null || true; fi
  if [ -n "$1" ]; then
    kill "$1" 2>/dev/null || true
    gone "$1" || kill -9 "$1" "$(cat "$3/pid" 2>/dev/null)" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
  fi
  if [ -z "$4" ]; then rm -rf "$3"; fi
}

# gone waits ten seconds for a process to end.
gone() {
  local tenths
  for ((tenths = 0; tenths < 100; tenths++)); do
    if ! kill -0 "$1" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  return 1
}

# start leaves a node running that stop ends.
start() {
  mkdir -p "$state"
  if [ -s "$state/pid" ] && kill -0 "$(cat "$state/pid")" 2>/dev/null; then
    die "it runs already, at $(cat "$state/url"); scripts/elasticsearch.sh stop ends it"
  fi
  rm -f "$state/lease" "$state/url"
  mkfifo "$state/lease"
  # Opened for both, the pipe never ends.
  nohup "$root/scripts/elasticsearch.sh" run "${1:-0}" <>"$state/lease" >"$state/url" 2>"$state/log" &
  printf '%s\n' "$!" >"$state/pid"
  until [ -s "$state/url" ]; do
    kill -0 "$!" 2>/dev/null || { cat "$state/log" >&2 && exit 1; }
    sleep 0.1
  done
  cat "$state/url"
}

stop() {
  [ -s "$state/pid" ] || return 0
  kill "$(cat "$state/pid")" 2>/dev/null || true
  gone "$(cat "$state/pid")" || die "it has not ended within ten seconds"
  rm -f "$state/pid" "$state/url" "$state/lease"
}

case ${1:-} in
  install | run | start | stop) "$@" ;;
  *) die "usage: scripts/elasticsearch.sh install | run [PORT [FOLDER]] | start [PORT] | stop" ;;
esac
