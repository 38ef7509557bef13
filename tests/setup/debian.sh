# Debian packages that a stage needs. Sourced by tests/run.
# shellcheck shell=bash

# Whether this user may install packages, and how.
apt_prefix() {
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" = 0 ]; then
    echo "env DEBIAN_FRONTEND=noninteractive"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    echo "sudo -n env DEBIAN_FRONTEND=noninteractive"
  else
    return 1
  fi
}

apt_updated=no
# Of stages that run at once, one installs at a time.
apt_lock=$(realpath "${BASH_SOURCE[0]}")

# need_package PACKAGE WHAT TEST…: installs PACKAGE unless the command TEST succeeds.
# Where it may not install, it names the missing package and fails.
need_package() {
  local package=$1 what=$2 prefix
  shift 2
  if "$@" >/dev/null 2>&1; then return 0; fi
  if ! prefix=$(apt_prefix); then
    echo "missing: $what. Install the Debian package '$package' (or the same from your system), then run again." >&2
    return 1
  fi
  echo "installing $package ($what)"
  if [ "$apt_updated" = no ]; then
    # shellcheck disable=SC2086 # the prefix is a list of words
    flock "$apt_lock" $prefix apt-get update -qq || echo "apt-get update failed; trying with the lists that are here" >&2
    apt_updated=yes
  fi
  # shellcheck disable=SC2086
  flock "$apt_lock" $prefix apt-get install -y -qq --no-install-recommends "$package" >/dev/null || {
    echo "missing: $what. apt-get could not install '$package'." >&2
    return 1
  }
  hash -r
  if ! "$@" >/dev/null 2>&1; then
    echo "missing: $what, although '$package' is installed." >&2
    return 1
  fi
}

chromium_path() {
  local candidate
  for candidate in "${CHROME_PATH:-}" chromium chromium-browser google-chrome; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

firefox_path() {
  local candidate
  for candidate in "${FIREFOX_PATH:-}" firefox-esr firefox; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ]
}

need_compiler() {
  need_package gcc "a C compiler, for the bundled SQLite" command -v cc &&
    need_package make "make, for the bundled allocator" command -v make
}
need_cxx() { need_package g++ "a C++ compiler, for libFuzzer" command -v c++; }
need_node() { need_package npm "Node.js 20 or newer with npm" node_is_new_enough; }
need_chromium() { need_package chromium "Chromium, for the browser tests" chromium_path; }
need_firefox() { need_package firefox-esr "Firefox ESR, for the engines" firefox_path; }
need_webkit() {
  need_package webkit2gtk-driver "WebKitGTK's MiniBrowser and driver, for the engines" command -v WebKitWebDriver
  need_package xvfb "an X server without a screen, for WebKitGTK" command -v Xvfb
}
need_postgres() { need_package postgresql "a PostgreSQL server (initdb, postgres)" postgres_bin; }
need_operations() {
  need_package prometheus "Prometheus with promtool" command -v promtool &&
    need_package systemd "systemd-analyze" command -v systemd-analyze &&
    need_package strace "strace" command -v strace &&
    need_package procps "pkill" command -v pkill &&
    need_package nginx "nginx" nginx -v &&
    need_package caddy "Caddy" caddy version &&
    need_package openssl "openssl" command -v openssl
}
need_venv() { need_package python3-venv "Python 3 with venv" python3 -c 'import venv, ensurepip'; }
