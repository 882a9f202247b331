#!/usr/bin/env bash
# Stops the platform. Data stays, unless --volumes is given.
# usage: scripts/down.sh [ARGUMENT…]     (as docker compose down takes them: --volumes, --rmi local, …)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. scripts/docker.sh

require_docker
everything
docker compose down --remove-orphans "$@" || die "docker compose down failed; what stands above says why"
case " $* " in
  *" --volumes "* | *" -v "*) say "Stopped, and all data is deleted: jobs, digits, logs, history, dashboards' settings." ;;
  *) say "Stopped. The data stays; make up goes on with it." ;;
esac
