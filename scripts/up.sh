#!/usr/bin/env bash
# Starts the whole platform in Docker, or its core, and waits until all of it is healthy.
# usage: scripts/up.sh [core|full]     (without one what .env says, and that is full at first)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. scripts/docker.sh

# What the containers may take together is in docker-compose.yml; these are what the engine must have, in MiB.
need_full=7000
need_core=2500

# require_memory looks at the machine of the engine, which is a virtual one on macOS and Windows.
require_memory() {
  local need=$1 bytes have
  bytes=$(docker info --format '{{.MemTotal}}' 2>/dev/null) || return 0
  case $bytes in '' | *[!0-9]*) return 0 ;; esac
  have=$((bytes / 1048576))
  if [ "$have" -ge "$need" ]; then return 0; fi
  if [ "$profile" = full ]; then
    die "Docker has $have MiB of memory; the whole platform needs $need. Give it more (Docker Desktop: Settings, Resources),
       or start the core alone, which needs $need_core: make up PROFILE=core"
  fi
  die "Docker has $have MiB of memory; the core needs $need. Give it more (Docker Desktop: Settings, Resources)."
}

# require_bind keeps a platform without authentication from others, unless somebody has said twice that this is meant.
require_bind() {
  local bind
  bind=$(setting NUMBERMILL_BIND 127.0.0.1)
  case $bind in 127.* | ::1 | '[::1]') return 0 ;; esac
  if [ "$(setting NUMBERMILL_OPEN)" != yes ]; then
    die "NUMBERMILL_BIND=$bind lets other machines reach Numbermill, and it has no authentication yet: whoever reaches it can use it.
       If that is what you want, write NUMBERMILL_OPEN=yes into .env as well."
  fi
  warn "whoever reaches $bind can use Numbermill, as it has no authentication yet"
  [ -n "$(setting NUMBERMILL_HOSTS)" ] ||
    warn "NUMBERMILL_HOSTS is empty, so only requests for localhost are answered; list there the names and addresses that people type"
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# require_port ends if somebody else listens on a port of a service of ours.
# usage: require_port SERVICE VARIABLE DEFAULT
require_port() {
  local port
  port=$(setting "$2" "$3")
  if ! taken "$port" || [ -n "$(docker compose ps --quiet --status running "$1" 2>/dev/null)" ]; then return 0; fi
  die "Port $port of this machine, which $1 needs, is taken by another program. End that one, or choose another port: $2=… in .env"
}

# require_same_secrets ends where data is left that other passwords protect.
require_same_secrets() {
  if [ -e .env ] || ! docker volume inspect numbermill_redis-data >/dev/null 2>&1; then return 0; fi
  die "There is data of an earlier start, and its passwords were in a .env that is gone. Put that file back, or delete the data and begin
       anew: make down ARGS=--volumes"
}

# require_readable asks for files that the containers' users, who own none of them, can read.
require_readable() {
  local closed
  closed=$(find infra docs/runbooks -path infra/docker/certificates -prune -o ! -perm -004 -print | head -n 1)
  if [ -z "$closed" ]; then return 0; fi
  die "The containers cannot read $closed, since they run as users of their own. Run: chmod -R o+rX infra docs/runbooks"
}

# mark tells compose which state the files of a service are in, so that it replaces the service when they change: by itself it would go on with
# what it has read.
# usage: mark VARIABLE PATH
mark() {
  local digest
  digest=$(find "$2" -type f | digest_files)
  export "$1=${digest:0:12}"
}

profile=${1:-$(setting COMPOSE_PROFILES full)}
case $profile in
  full) export NUMBERMILL_FULL=yes need=$need_full ;;
  core) export NUMBERMILL_FULL='' need=$need_core ;;
  *) die "There is no profile $profile: make up PROFILE=core, or PROFILE=full, which is everything" ;;
esac
export COMPOSE_PROFILES=$profile

require_docker
require_memory "$need"
require_readable
require_same_secrets
scripts/secrets.sh
require_bind
require_port nginx NUMBERMILL_PORT 8080
require_port nginx NUMBERMILL_OPERATOR_PORT 8081
require_port nginx NUMBERMILL_TLS_PORT 8443
if [ "$profile" = full ]; then
  require_port kibana KIBANA_PORT 5601
  require_port grafana GRAFANA_PORT 3000
fi

NUMBERMILL_VERSION=$(git describe --tags --always --dirty 2>/dev/null) || NUMBERMILL_VERSION=
NUMBERMILL_REVISION=$(git rev-parse HEAD 2>/dev/null) || NUMBERMILL_REVISION=
export NUMBERMILL_VERSION NUMBERMILL_REVISION

mark CONFIG_NGINX infra/nginx
mark CONFIG_REDIS infra/redis
mark CONFIG_KIBANA infra/kibana/kibana.yml
mark CONFIG_APM infra/apm
mark CONFIG_COLLECTOR infra/otel-collector
mark CONFIG_FILEBEAT infra/filebeat
mark CONFIG_HEARTBEAT infra/heartbeat
mark CONFIG_GRAFANA infra/grafana/provisioning

say "Building the image of Numbermill (minutes the first time)"
docker compose build api || die "the image does not build; what stands above says why"
say "Starting; the first time fetches a few GB of images and takes some minutes"
docker compose up --detach --no-build --wait --wait-timeout 900 --remove-orphans || {
  docker compose ps --all >&2 || true
  die "Not everything is up. make logs SERVICE=NAME shows what a service says; docs/operations.md has what usually helps.
       What runs goes on; make up again tries again."
}

say ""
say "Numbermill  http://localhost:$(setting NUMBERMILL_PORT 8080)"
say "Operator    http://localhost:$(setting NUMBERMILL_OPERATOR_PORT 8081)"
if [ "$profile" = full ]; then
  say "Grafana     http://localhost:$(setting GRAFANA_PORT 3000)   user admin, GRAFANA_ADMIN_PASSWORD in .env"
  say "Kibana      http://localhost:$(setting KIBANA_PORT 5601)   user elastic, ELASTIC_PASSWORD in .env"
fi
say ""
say "make logs follows what it says, make down stops it and keeps the data, docs/operations.md is the guide."
