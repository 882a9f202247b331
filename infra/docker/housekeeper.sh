#!/bin/sh
# Keeps the log volume small, once an hour: removes files that have not been written for three days, by when Filebeat has long read them, and
# if what is left is still too much, the oldest of those that nobody has written for two hours.
# usage: housekeeper.sh FOLDER [ROUNDS]     (ROUNDS: how many times; for ever if nothing is said)
set -eu
dir=$1
rounds=${2:-0}
most=${MOST_KIB:-2097152} # of all log files together

kib() { du -sk "$dir" | cut -f 1; }

# oldest prints the file that was written longest ago, if that is two hours or more.
oldest() { find "$dir" -type f -name '*.json*' -mmin +120 -exec ls -1tr {} + | head -n 1; }

round=0
while :; do
  find "$dir" -type f -name '*.json*' -mtime +2 -print -exec rm -f {} +
  while [ "$(kib)" -gt "$most" ]; do
    file=$(oldest)
    if [ -z "$file" ]; then
      echo "the log files take more than $most KiB, and all of them are in use"
      break
    fi
    echo "$file, since there are more than $most KiB"
    rm -f "$file"
  done
  round=$((round + 1))
  if [ "$round" = "$rounds" ]; then break; fi
  sleep 3600
done
