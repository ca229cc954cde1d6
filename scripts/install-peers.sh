#!/usr/bin/env bash
# Installs the programs from outside the lockfile that some tests run, if they are missing: see scripts/peer.ts and packages/dynamodb-local. Run npm ci before.
set -euo pipefail

# command:Debian package
peers=(promtool:prometheus java:default-jre-headless)

missing=()
for peer in "${peers[@]}"; do
  command -v "${peer%%:*}" >/dev/null || missing+=("${peer##*:}")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "peers: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# The Node of the lockfile runs the script, not that of the machine.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ ! -x node_modules/.bin/node ]; then
  echo "peers: run npm ci first" >&2
  exit 1
fi
node_modules/.bin/node packages/dynamodb-local/src/install-emulator.testing.ts
