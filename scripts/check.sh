#!/usr/bin/env bash
# Everything but the tests that a change must pass. It goes on after a failure and names at the end
# what failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

failures=()

# attempt runs one part and notes it by name when it fails.
attempt() {
  local name=$1 start=$SECONDS
  shift
  if "$@"; then
    say "ok: $name ($((SECONDS - start)) s)"
  else
    say "FAILED: $name"
    failures+=("$name")
  fi
}

# generated lists the files that a generator writes; their names tell. All assembly and all of Grafana's dashboards are generated.
generated() {
  git ls-files --cached --others --exclude-standard | grep -E '\.gen\.[a-z]+$|_gen\.go$|_amd64\.s$|^infra/grafana/dashboards/' || true
}

# keep_generated copies the generated files to a folder.
keep_generated() {
  local file
  rm -rf "$1"
  mkdir -p "$1"
  generated | while IFS= read -r file; do
    if [ ! -f "$file" ]; then continue; fi
    mkdir -p "$1/$(dirname "$file")"
    cp "$file" "$1/$file"
  done
}

# A copy from before is compared with one from after, so that other changes in the tree do no harm.
generated_files() {
  local before=$cache/generated/before after=$cache/generated/after
  keep_generated "$before"
  scripts/generate.sh || return 1
  keep_generated "$after"
  diff -ru "$before" "$after" >&2 && return 0
  say "Generated files were out of date; make generate has just written them anew: commit them."
  return 1
}

# Each module must build without the workspace, as for whoever takes it alone.
alone() {
  local module status=0
  for module in $(modules); do
    (cd "$module" && GOWORK=off go build -o /dev/null ./... && GOWORK=off go vet ./...) || status=1
  done
  return $status
}

# What go.sum lacks follows from go.mod and would fill pages.
tidy() {
  local module status=0 log=$cache/tidy.log
  for module in $(modules); do
    if (cd "$module" && GOWORK=off go mod tidy -diff) >"$log" 2>&1; then continue; fi
    sed '/^diff current\/go.sum/,$d' "$log" >&2
    say "$module is not tidy: cd $module && GOWORK=off go mod tidy"
    status=1
  done
  return $status
}

# One Go version stands in the workspace and in every module.
one_go_version() {
  local module want got status=0
  want=$(go_version_of go.work)
  for module in $(modules); do
    got=$(go_version_of "$module/go.mod")
    if [ "$got" != "$want" ]; then
      say "$module/go.mod says Go $got, go.work says Go $want"
      status=1
    fi
  done
  return $status
}

# To Go, 1.26 and 1.26.0 are one version.
go_version_of() { sed -n 's/^go //p' "$1" | sed 's/\.0$//'; }

scripts/require.sh
attempt "one Go version" one_go_version
attempt "modules are tidy" tidy
attempt "modules build alone" alone
attempt "generated files" generated_files
attempt "lint and format" scripts/lint.sh

if [ ${#failures[@]} -gt 0 ]; then
  say ""
  say "make check failed: $(printf '%s, ' "${failures[@]}" | sed 's/, $//')"
  exit 1
fi
say "make check passed"
