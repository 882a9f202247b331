# shellcheck shell=bash
# What up.sh, down.sh and logs.sh share. Sourced after lib.sh.

need_engine=24.0
need_compose=2.24

# setting prints a value: of the environment, else of .env, else the given one.
# usage: setting NAME [DEFAULT]
setting() {
  local value=${!1:-}
  if [ -z "$value" ] && [ -f .env ]; then value=$(sed -n "s/^$1=//p" .env | tail -n 1); fi
  # Quotes around a value are not part of it.
  value=${value#[\"\']}
  value=${value%[\"\']}
  printf '%s' "${value:-${2:-}}"
}

# number strips a version to its digits: v2.39.1-desktop.1 is 2.39.1.
number() { printf '%s' "$1" | sed 's/^[^0-9]*//; s/[^0-9.].*//'; }

# require_docker ends with what to do if Docker or its compose is missing, asleep or too old.
require_docker() {
  local engine compose
  have docker || die "Docker was not found. Get it at https://docs.docker.com/get-docker/ and run this again.
       Without Docker, make run starts Numbermill (without Elasticsearch and Grafana) on this machine as it is."
  engine=$(docker version --format '{{.Server.Version}}' 2>/dev/null) || engine=
  [ -n "$engine" ] ||
    die "Docker is installed, but its engine does not answer $(id -un). Start it (Docker Desktop, or: sudo systemctl start docker);
       if it runs, let this user use it: https://docs.docker.com/engine/install/linux-postinstall/"
  at_least "$(number "$engine")" "$need_engine" ||
    die "Docker Engine $need_engine or newer is needed; this is $engine. https://docs.docker.com/engine/install/"
  compose=$(docker compose version --short 2>/dev/null) || compose=
  [ -n "$compose" ] ||
    die "Docker's compose plugin was not found (docker-compose with a hyphen is its predecessor and does not do).
       https://docs.docker.com/compose/install/"
  at_least "$(number "$compose")" "$need_compose" ||
    die "Docker Compose $need_compose or newer is needed; this is $compose. https://docs.docker.com/compose/install/"
}

# everything lets compose see the services of every profile, and read the file even if .env is gone.
everything() {
  local name
  export COMPOSE_PROFILES=core,full
  if [ -f .env ]; then return 0; fi
  while IFS= read -r name; do
    export "$name=none"
  done < <(sed -n 's/^\([A-Z_][A-Z0-9_]*\)=$/\1/p' .env.example)
}
