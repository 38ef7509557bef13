#!/usr/bin/env bash
# Builds the Debian package around the static binary, and prints its path as the last line.
#
# With cargo-deb, which is installed below target/ where it is missing: it takes less time to compile than the binary,
# and it writes the package metadata for dpkg and systemd more reliably than a script of ours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=3
target_dir=${CARGO_TARGET_DIR:-target}
PATH=$PATH:$target_dir/tools/bin
if ! cargo deb --version >/dev/null 2>&1; then
  echo "installing cargo-deb below $target_dir/tools" >&2
  cargo install --quiet --locked --debug --no-default-features --version "^$version" --root "$target_dir/tools" cargo-deb >&2
fi
binary=$(packaging/build-static.sh | tail -n 1)
target=$(basename "$(dirname "$(dirname "$binary")")")
mkdir -p "$target_dir/debian"
cargo deb --quiet --profile dist --no-build --no-strip --target "$target" --output "$target_dir/debian/" | tail -n 1
