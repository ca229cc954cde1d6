#!/usr/bin/env bash
# Installs the programs from outside npm that some tests run, if they are missing: see scripts/peer.ts.
set -euo pipefail

# command:Debian package
peers=(promtool:prometheus)

missing=()
for peer in "${peers[@]}"; do
  command -v "${peer%%:*}" >/dev/null || missing+=("${peer##*:}")
done
if [ "${#missing[@]}" -eq 0 ]; then
  echo "peers: nothing to install"
  exit 0
fi

echo "peers: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
