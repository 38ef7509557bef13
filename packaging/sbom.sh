#!/usr/bin/env bash
# Writes the bill of materials of a release: every crate that is linked in, with licence and checksum.
#
#   packaging/sbom.sh [FILE]     default: target/afterword.cdx.json
#
# CycloneDX 1.5, by cargo-cyclonedx, which it installs into target/ if there is none. What only tests and
# build scripts use is not in it, since it is not in the binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

file=${1:-${CARGO_TARGET_DIR:-target}/afterword.cdx.json}
tools=${CARGO_TARGET_DIR:-target}/tools
if ! cargo cyclonedx --version >/dev/null 2>&1; then
  export PATH=$tools/bin:$PATH
  cargo cyclonedx --version >/dev/null 2>&1 || cargo install --locked --quiet --root "$tools" cargo-cyclonedx
fi

# It writes beside Cargo.toml and nowhere else.
name=afterword.$$
trap 'rm -f "$name.json"' EXIT
cargo cyclonedx --quiet --format json --spec-version 1.5 --target x86_64-unknown-linux-musl --no-build-deps \
  --override-filename "$name"

# A list of nothing would be a list, too: it must hold what is certainly linked in, and nothing of the tests.
python3 - "$name.json" "$file" <<'PYTHON'
import json, sys, tomllib
found, wanted = sys.argv[1:]
bill = json.load(open(found))
names = {part["name"]: part for part in bill["components"]}
manifest = tomllib.load(open("Cargo.toml", "rb"))
missing = sorted(name for name in manifest["dependencies"] if name not in names)
strays = sorted(set(manifest["dev-dependencies"]) - set(manifest["dependencies"]) & set(names))
strays = [name for name in strays if name in names]
bare = sorted(name for name, part in names.items() if not part.get("licenses"))
if missing or strays or bare or len(names) < 100:
    sys.exit(f"not the bill of this binary: {len(names)} parts; missing {missing}; of tests only {strays}; without a licence {bare}")
json.dump(bill, open(wanted, "w"), indent=1)
print(f"{wanted}: {len(names)} parts, {sum('hashes' in part for part in names.values())} with a checksum")
PYTHON
