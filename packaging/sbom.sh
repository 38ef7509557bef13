#!/usr/bin/env bash
# Writes the bill of materials of a release, to be published with its binary.
#
#   packaging/sbom.sh [FILE]     default: target/afterword.cdx.json
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=tests/setup/debian.sh
. tests/setup/debian.sh

target=${CARGO_TARGET_DIR:-target}
python=$target/sbom-venv/bin/python3
if ! "$python" -c 'import cyclonedx' 2>/dev/null; then
  need_venv
  python3 -m venv --clear "$target/sbom-venv"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement packaging/sbom-requirements.txt
fi
exec "$python" packaging/sbom.py "${1:-$target/afterword.cdx.json}"
