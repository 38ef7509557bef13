#!/usr/bin/env bash
# Tests the image without a container engine: every file that the Dockerfile copies exists, the build script
# builds a static binary, and that binary serves from an empty, read-only root as an unprivileged user who may
# write one folder. Then tests the Debian package: its contents, and the files that its installation into a
# separate root leaves there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "packaging: $1" >&2
  exit 1
}

# Every file that the build stage copies or calls must exist and be part of the project.
sources=$(sed -n 's/^COPY //p' Dockerfile | grep -v '^--from' | awk '{ for (i = 1; i < NF; i++) print $i }')
[ "$(wc -w <<<"$sources")" -ge 4 ] || fail "control: the COPY lines of the Dockerfile were not understood"
for source in $sources; do
  [ -e "$source" ] || fail "the Dockerfile copies '$source', which does not exist"
  [ -n "$(git ls-files -- "$source")" ] || fail "the Dockerfile copies '$source', which is not part of the project"
done
scripts=$(grep '^RUN' Dockerfile | grep -o 'packaging/[a-z-]*\.sh')
for script in $scripts; do
  [ -x "$script" ] || fail "the Dockerfile runs '$script', which cannot be run"
  grep -q "^COPY .*$script" Dockerfile || fail "the Dockerfile runs '$script' without copying it"
done
for line in '^FROM scratch$' '^USER 65532' '^VOLUME /data$' '^EXPOSE 8080$' '^HEALTHCHECK .*healthcheck' '^ENTRYPOINT \["/afterword"\]$'; do
  grep -q "$line" Dockerfile || fail "the Dockerfile has no line $line"
done
# All inputs of the binary must be copied: the files that build.rs reads, and the database's schema.
read_by_build=$(sed -n '/for read in \[/,/\] {/p' build.rs | grep -o '"[^"]*"' | tr -d '"')
[ "$(wc -w <<<"$read_by_build")" -ge 4 ] || fail "control: what build.rs reads was not understood"
is_copied() {
  local source
  for source in $sources; do
    case $1/ in "${source%/}"/*) return 0 ;; esac
  done
  return 1
}
for file in $read_by_build schema.sql; do
  is_copied "$file" || fail "the Dockerfile does not copy '$file', which the build reads"
done
if is_copied embed/src/core.js; then fail "control: what is not copied counts as copied"; fi

binary=$(packaging/build-static.sh | tail -n 1)
size=$(stat -c %s "$binary")
[ "$size" -le $((20 * 1024 * 1024)) ] || fail "the binary has $size bytes, more than 20 MiB"

# The image's last stage, by hand.
image=$(mktemp -d /tmp/afterword-image.XXXXXX)
server=
clean() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$image" "$image.log"
}
trap clean EXIT
chmod 755 "$image"
install -m 755 "$binary" "$image/afterword"
mkdir "$image/data"
# By its path: the environment below has no PATH.
chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot) || fail "chroot is not installed (Debian: coreutils)"
unshare=$(command -v unshare || echo unshare)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# As `docker run --read-only` does it: only the volume is writable. Every step is an exec, so that the background
# process is the server itself and receives SIGTERM.
# shellcheck disable=SC2016 # expanded by the inner shell
read_only='mount --bind "$0" "$0" && mount --bind "$0/data" "$0/data" && mount -o remount,ro,bind "$0" && exec "$@"'
mounts=("$unshare" --mount)
# As user 65532 in the empty root when run by root, else as an unprivileged user in a user namespace.
if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
  chown 65532:65532 "$image/data"
  enter=("$chroot" --userspec=65532:65532 "$image")
elif unshare --user --map-root-user --mount true 2>/dev/null; then
  mounts=("$unshare" --user --map-root-user --mount)
  enter=("$chroot" "$image")
elif [ "${CI:-}" = true ]; then
  fail "neither mounts nor user namespaces: the empty root cannot be entered"
else
  echo "left out: neither mounts nor user namespaces here, so the binary was not run in an empty root"
  exit 0
fi
sh=$(command -v sh)
inside=("${mounts[@]}" "$sh" -c "PATH=/usr/sbin:/usr/bin:/sbin:/bin; $read_only" "$image" "${enter[@]}")
# Control: a writable root would prove nothing.
if "${mounts[@]}" "$sh" -c "PATH=/usr/sbin:/usr/bin:/sbin:/bin; $read_only" "$image" touch "$image/written" 2>/dev/null; then
  fail "control: the root of the image can be written"
fi
run=(env -i AFTERWORD_DATA=/data "AFTERWORD_LISTEN=127.0.0.1:$port" "AFTERWORD_BASE_URL=http://127.0.0.1:$port"
  "${inside[@]}" /afterword)

"${run[@]}" serve >"$image.log" 2>&1 &
server=$!
answer=
for _ in $(seq 200); do
  if answer=$(python3 -c '
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], timeout=2).status)' "http://127.0.0.1:$port/healthz" 2>/dev/null); then break; fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.05
done
if [ "$answer" != 200 ]; then
  cat "$image.log" >&2
  fail "/healthz did not answer 200 from the empty root"
fi
"${run[@]}" healthcheck || fail "the healthcheck command says that a healthy server is ill"
[ -n "$(ls -A "$image/data")" ] || fail "the server keeps nothing in its data folder"
strays=$(find "$image" -mindepth 1 -maxdepth 1 ! -name afterword ! -name data)
[ -z "$strays" ] || fail "the server wrote outside its data folder: $strays"
kill "$server"
wait "$server" || fail "the server does not end well on SIGTERM"
server=
if "${run[@]}" healthcheck >/dev/null 2>&1; then fail "the healthcheck command says that a stopped server is well"; fi
echo "the static binary serves from an empty root that is read-only"
packaging/check-deb.sh
