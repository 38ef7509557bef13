# A Python environment with the parsers that check the server's output. Sourced by tests/run.
# shellcheck shell=bash

# Sets $python.
start_python() {
  need_venv || return 1
  python=target/venv/bin/python3
  if ! "$python" -c 'import html5lib, prometheus_client, yaml' 2>/dev/null; then
    python3 -m venv --clear target/venv
    "$python" -m pip install --quiet --disable-pip-version-check \
      --requirement tests/corpora/requirements.txt --requirement tests/operations/requirements.txt || {
      echo "missing: html5lib, prometheus-client or PyYAML. They could not be installed from the Python package index." >&2
      return 1
    }
  fi
}
