#!/usr/bin/env bash
# Builds the release twice, in folders of different names, and compares.
#
#   packaging/reproducible.sh [FOLDER]     where to build; default: a temporary folder
#
# What is compared is what is committed and what is not, as `git ls-files` lists it. It takes two full builds.
# The control: the same without the mapping of paths, unless the first two are the same for another reason,
# would differ; the script says how often a folder's name stands in each binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=${1:-$(mktemp -d /tmp/afterword-twice.XXXXXX)}
mkdir -p "$work"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
registry=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)

build() { # folder
  local source=$work/$1/source target=$work/$1/target
  rm -rf "${work:?}/$1"
  mkdir -p "$source"
  git ls-files -z --cached | xargs -0 cp --parents -t "$source"
  (
    cd "$source"
    # The C compiler has paths of its own to write down.
    export CFLAGS="-ffile-prefix-map=$work/$1=/afterword -ffile-prefix-map=$registry=/cargo"
    export RUSTFLAGS="--remap-path-prefix=$work/$1=/afterword --remap-path-prefix=$registry=/cargo --remap-path-prefix=$sysroot=/rust"
    CARGO_TARGET_DIR=$target cargo build --locked --release --quiet --bin afterword
  )
  local binary=$target/release/afterword
  echo "$(sha256sum <"$binary" | cut -d' ' -f1)  $(stat -c %s "$binary") bytes, names of its folder in it: $(grep -c -a -F "$work" "$binary" || true)"
}

first=$(build first)
echo "first:  $first"
second=$(build the-second-with-a-longer-name)
echo "second: $second"
if [ "${first%% *}" != "${second%% *}" ]; then
  echo "The two binaries are not the same." >&2
  exit 1
fi
echo "The two binaries are the same."
