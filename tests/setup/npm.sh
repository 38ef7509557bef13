# npm packages that a stage needs. Sourced by tests/run and by its stages.
# shellcheck shell=bash

# install_npm FOLDER: installs exactly the packages of FOLDER's lock file, unless they are installed. Of two stages with
# the same folder, the second waits for the first. Browsers are the system's own, so none is downloaded.
install_npm() (
  cd "$1" || return 1
  exec 9<package-lock.json
  flock 9 || return 1
  local wanted installed=node_modules/.installed
  wanted=$(cat package.json package-lock.json | sha256sum)
  if [ "$(cat "$installed" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 PUPPETEER_SKIP_DOWNLOAD=1 \
    npm ci --no-audit --no-fund --loglevel=error 9<&- || return 1
  echo "$wanted" >"$installed"
)
