#!/usr/bin/env bash
# Prints the path of the Chromium that the browser tests drive: $CHROMIUM, or the first that is
# found. Fails when there is none.
set -euo pipefail

for candidate in \
  "${CHROMIUM:-}" \
  /usr/bin/chromium \
  "$(command -v chromium || true)" \
  "$(command -v google-chrome || true)" \
  "/Applications/Chromium.app/Contents/MacOS/Chromium" \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  if [ -n "$candidate" ] && [ -x "$candidate" ]; then
    printf '%s\n' "$candidate"
    exit 0
  fi
done
exit 1
