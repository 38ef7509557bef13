#!/usr/bin/env bash
# Builds a binary without run-time dependencies, and prints its path as the last line.
#
# With musl where this toolchain has it, else with a statically linked GNU C library.
# AFTERWORD_TARGET selects the target (for example x86_64-unknown-linux-musl).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

machine=$(uname -m)
musl=$machine-unknown-linux-musl
gnu=$machine-unknown-linux-gnu

# A target needs its standard library; musl also needs a C compiler for SQLite.
has_std() { [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]; }
has_musl_gcc() { command -v musl-gcc >/dev/null || command -v "$machine-linux-musl-gcc" >/dev/null; }

target=${AFTERWORD_TARGET:-}
if [ -z "$target" ]; then
  if ! has_std "$musl" && command -v rustup >/dev/null; then
    timeout 120 rustup target add "$musl" >/dev/null 2>&1 || true
  fi
  if has_std "$musl" && has_musl_gcc; then target=$musl; else target=$gnu; fi
fi

echo "building for $target" >&2
# Naming the target keeps these flags away from build scripts and procedural macros, which cannot be static.
# Random numbers by the system call only: a static program cannot look up the libc function, and an image with
# nothing but the binary has no /dev/urandom.
RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static --cfg getrandom_backend=\"linux_getrandom\"" \
  cargo build --locked --profile dist --features jemalloc --quiet --bin afterword --target "$target"

binary=${CARGO_TARGET_DIR:-target}/$target/dist/afterword

# Static: the binary requests no interpreter, so it can load no shared library.
if command -v readelf >/dev/null; then
  if readelf --program-headers --wide "$binary" | grep -q INTERP; then
    echo "$binary asks for a dynamic loader" >&2
    exit 1
  fi
  if readelf --dynamic --wide "$binary" | grep -q NEEDED; then
    echo "$binary needs shared libraries" >&2
    exit 1
  fi
elif ldd "$binary" 2>/dev/null | grep -q '=>'; then
  ldd "$binary" >&2
  echo "$binary needs shared libraries" >&2
  exit 1
fi

size=$(stat -c %s "$binary")
echo "static, $((size / 1024)) KiB" >&2
echo "$binary"
