#!/usr/bin/env bash
# Says clearly what is missing or too old when Go, Node or npm will not do.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_go=1.26
need_node=20.19

have go || die "Go $need_go or newer is needed and was not found: https://go.dev/dl/"
go_version=$(go env GOVERSION 2>/dev/null) || go_version=$(GOWORK=off GOTOOLCHAIN=local go env GOVERSION)
go_version=${go_version#go}
go_version=${go_version%%[!0-9.]*}
at_least "$go_version" "$need_go" ||
  die "Go $need_go or newer is needed; this is Go $go_version. Get it at https://go.dev/dl/"

have node || die "Node $need_node or newer is needed and was not found: https://nodejs.org/"
have npm || die "npm is needed and was not found; it comes with Node: https://nodejs.org/"
node_version=$(node --version)
node_version=${node_version#v}
at_least "$node_version" "$need_node" ||
  die "Node $need_node or newer is needed; this is Node $node_version. Get it at https://nodejs.org/"
