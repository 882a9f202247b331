#!/bin/sh
# Makes the folders in the volumes and gives them to whoever writes there. Safe to run again: what is right stays as it is.
# usage: volumes.sh [ROOT]     (ROOT: where the volumes are mounted; / if nothing is said)
set -eu
root=${1:-}

# own gives a folder and all that is in it to a user, once.
own() {
  owner=$1
  dir=$root$2
  mkdir -p "$dir"
  if [ "$(stat -c %u:%g "$dir")" = "$owner" ]; then return 0; fi
  chown -R "$owner" "$dir"
  echo "$2 now belongs to $owner"
}

# The group 65533 is the housekeeper's, who removes old files.
own 101:65533 /logs/nginx     # nginx-unprivileged
own 65532:65533 /logs/app     # numbermill
own 65532:65532 /results      # numbermill
own 10001:10001 /otelcol-data # the Collector
own 1000:0 /es-snapshots      # Elasticsearch
chmod 0775 "$root/logs/nginx" "$root/logs/app"
