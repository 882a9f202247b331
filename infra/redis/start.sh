#!/bin/sh
# Starts Redis with the password of the environment, which appears in no process list that way. What is given goes to redis-server.
set -eu
: "${REDIS_PASSWORD:?is not set}"
run=${REDIS_RUN:-/run/redis}
conf=${REDIS_CONF:-/etc/redis/redis.conf}
umask 077
printf 'requirepass %s\n' "$REDIS_PASSWORD" >"$run/password.conf"
unset REDIS_PASSWORD
exec redis-server "$conf" --include "$run/password.conf" "$@"
