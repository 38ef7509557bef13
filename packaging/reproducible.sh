#!/usr/bin/env bash
# Builds the release twice, in folders with different names, and compares the hashes.
#
#   packaging/reproducible.sh [FOLDER]     the build folder; default: a temporary folder
#
# Compares the static binary of packaging/build-static.sh, built from the project's committed files. It takes three
# full builds: the third is the control, without the mapping of paths, and must differ.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=${1:-$(mktemp -d /tmp/afterword-twice.XXXXXX)}
mkdir -p "$work"
work=$(cd "$work" && pwd)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
registry=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)

build() { # folder [without the mapping]
  local source=$work/$1/source target=$work/$1/target
  rm -rf "${work:?}/$1"
  mkdir -p "$source"
  git ls-files -z --cached | xargs -0 cp --parents -t "$source"
  (
    cd "$source"
    if [ $# = 1 ]; then
      # The C compiler also writes paths into its output.
      export CFLAGS="-ffile-prefix-map=$work/$1=/afterword -ffile-prefix-map=$registry=/cargo"
      export RUSTFLAGS="--remap-path-prefix=$work/$1=/afterword --remap-path-prefix=$registry=/cargo --remap-path-prefix=$sysroot=/rust"
    fi
    CARGO_TARGET_DIR=$target packaging/build-static.sh >"$work/$1/built"
  )
  local binary
  binary=$(tail -n 1 "$work/$1/built")
  echo "$(sha256sum <"$binary" | cut -d' ' -f1)  $(stat -c %s "$binary") bytes, lines with its folder's name: $(grep -c -a -F "$work" "$binary" || true)"
}

first=$(build first)
echo "first:   $first"
second=$(build the-second-with-a-longer-name)
echo "second:  $second"
third=$(build third without)
echo "control: $third"
if [ "${first%% *}" != "${second%% *}" ]; then
  echo "The two binaries are not the same." >&2
  exit 1
fi
if [ "${first%% *}" = "${third%% *}" ]; then
  echo "control: a build without the mapping is the same, so this comparison shows nothing." >&2
  exit 1
fi
echo "The two binaries are the same."
