#!/usr/bin/env bash
# Makes .env from .env.example: draws every secret that has no value yet, adds names that are new, and leaves all others as they are.
# Prints nothing if there was nothing to do, and never a value.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

file=.env
example=.env.example
umask 077

# draw prints 40 characters that need no quoting anywhere: about 238 bits.
draw() {
  local text
  text=$(head -c 1024 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | cut -c 1-40)
  if [ ${#text} != 40 ]; then die "cannot draw a secret from /dev/urandom"; fi
  printf '%s' "$text"
}

# secrets lists the names that .env.example leaves to be drawn.
secrets() { sed -n 's/^\([A-Z_][A-Z0-9_]*\)=$/\1/p' "$example"; }

# settings lists the lines of .env.example that have a value.
settings() { grep -E '^[A-Z_][A-Z0-9_]*=.' "$example"; }

# has tells whether a file has a line for a name; set_in, whether that has a value.
has() { grep -qE "^$2=" "$1"; }
set_in() { grep -qE "^$2=." "$1"; }

# fill draws what is empty in a file, in its place, or at its end where it has no line; it leaves the names in drawn.
fill() {
  local file=$1 name
  drawn=()
  for name in $(secrets); do
    if set_in "$file" "$name"; then continue; fi
    if has "$file" "$name"; then
      # No process is told the value: it passes through a file of ours alone.
      { sed "/^$name=\$/,\$d" "$file" && printf '%s=%s\n' "$name" "$(draw)" && sed "1,/^$name=\$/d" "$file"; } >"$file.new"
      mv "$file.new" "$file"
    else
      printf '%s=%s\n' "$name" "$(draw)" >>"$file"
    fi
    drawn+=("$name")
  done
}

# add appends the settings that a file lacks, and says so.
add() {
  local file=$1 line
  settings | while IFS= read -r line; do
    if has "$file" "${line%%=*}"; then continue; fi
    printf '%s\n' "$line" >>"$file"
    say "Added ${line%%=*} to .env"
  done
}

# It is written beside its place and moved there whole, so that nobody ever starts with half of it.
work=$file.writing
trap 'rm -f "$work" "$work.new"' EXIT
if [ -e "$file" ]; then
  if [ ! -r "$file" ] || [ ! -w "$file" ]; then die ".env belongs to somebody else: it cannot be read and written by $(id -un)"; fi
  cp "$file" "$work"
  if [ -n "$(tail -c 1 "$work")" ]; then printf '\n' >>"$work"; fi
  new=false
else
  cp "$example" "$work"
  new=true
fi

fill "$work"
add "$work"
chmod 600 "$work"
if [ "$new" = true ]; then
  mv "$work" "$file"
  say "Wrote .env with passwords drawn for this machine, readable by you alone. Keep it: without it the data cannot be opened."
elif ! cmp -s "$work" "$file"; then
  mv "$work" "$file"
  if [ ${#drawn[@]} -gt 0 ]; then say "Drew what .env had no value for: ${drawn[*]}"; fi
fi
# Whoever wrote it by hand may have left it open to others.
if [ -z "$(find "$file" -prune -perm 600)" ]; then
  chmod 600 "$file"
  say "Closed .env to other users of this machine"
fi
