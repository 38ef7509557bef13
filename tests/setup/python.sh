# A Python environment with html5lib, the parser that judges what we serve. Sourced by tests/run.
# shellcheck shell=bash

# Sets $python.
start_python() {
  need_venv || return 1
  python=target/venv/bin/python3
  if ! "$python" -c 'import html5lib' 2>/dev/null; then
    python3 -m venv --clear target/venv
    "$python" -m pip install --quiet --disable-pip-version-check --requirement tests/corpora/requirements.txt || {
      echo "missing: html5lib. It could not be installed from the Python package index." >&2
      return 1
    }
  fi
}
