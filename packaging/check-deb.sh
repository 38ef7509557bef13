#!/usr/bin/env bash
# Builds the Debian package, checks its contents, installs it into a separate root, upgrades and purges it there.
# The machine itself is not changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "packaging: $1" >&2
  exit 1
}

package=$(packaging/deb.sh | tail -n 1)
[ -f "$package" ] || fail "no package was built: '$package'"

field() { dpkg-deb --field "$package" "$1"; }
[ "$(field Package)" = afterword ] || fail "the package is called $(field Package)"
case $(field Depends) in *libc6*) fail "the static binary depends on libraries: $(field Depends)" ;; esac

contents=$(dpkg-deb --contents "$package")
has() { grep -Eq "^$1 .* \./$2\$" <<<"$contents" || fail "the package lacks $2 ($1)"; }
has '-rwxr-xr-x 0/0' usr/bin/afterword
has '-rw-r----- 0/0' etc/afterword/afterword.toml
has '-rw-r--r-- 0/0' '(usr/)?lib/systemd/system/afterword.service'
has '-rw-r--r-- 0/0' usr/share/doc/afterword/docs/operate.md
has '-rw-r--r-- 0/0' usr/share/doc/afterword/docs/proxies/nginx.conf
has '-rw-r--r-- 0/0' usr/share/doc/afterword/copyright
if (has '-rwxr-xr-x 0/0' usr/bin/nothing-like-it) 2>/dev/null; then fail "control: the package has what it has not"; fi
strays=$(grep -Ev ' \./(etc|usr|lib)?/?' <<<"$contents" || true)
[ -z "$strays" ] || fail "the package has files in strange places: $strays"
dpkg-deb --ctrl-tarfile "$package" | tar -xO ./conffiles | grep -qx /etc/afterword/afterword.toml ||
  fail "the configuration is no conffile, so an upgrade would overwrite it"

if [ "$(id -u)" != 0 ]; then
  [ "${CI:-}" != true ] || fail "only root can install the package into a root of its own"
  echo "left out: only root can install the package into a root of its own"
  exit 0
fi

# The minimum for the package's scripts: a shell, a user database and dpkg's own files.
root=$(mktemp -d /tmp/afterword-deb.XXXXXX)
clean() { rm -rf "$root"; }
trap clean EXIT
mkdir -p "$root"/{etc,var/lib/dpkg/info,var/lib/dpkg/updates,tmp,dev,usr/bin,usr/sbin,usr/lib}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
printf 'root:*:19000:0:99999:7:::\n' >"$root/etc/shadow"
printf 'passwd: files\ngroup: files\nshadow: files\n' >"$root/etc/nsswitch.conf"
for program in sh getent useradd chown chmod rm ls grep cat mkdir; do
  path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$program")
  cp -L "$path" "$root/usr/bin/"
  ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root/usr$(dirname "${library#/usr}")"
    cp -Ln "$library" "$root/usr${library#/usr}" 2>/dev/null || true
  done
done
# dpkg requires these on the path; in an empty root they need not do anything.
for program in ldconfig start-stop-daemon dpkg-query dpkg-deb tar diff; do
  printf '#!/bin/sh\nexit 0\n' >"$root/usr/bin/$program"
  chmod 755 "$root/usr/bin/$program"
done
install() { dpkg --root="$root" --force-depends --force-not-root --install "$package" >"$root/tmp/log" 2>&1; }
install || { cat "$root/tmp/log" >&2; fail "the package cannot be installed"; }
grep -q '^afterword:' "$root/etc/passwd" || fail "installing made no user"
mode=$(stat -c '%a' "$root/etc/afterword/afterword.toml")
[ "$mode" = 640 ] || fail "the configuration has mode $mode"
env -i "$root/usr/bin/afterword" --config "$root/etc/afterword/afterword.toml" config | grep -q '^data = /var/lib/afterword' ||
  fail "the installed program does not read the installed configuration"

# The owner's configuration survives an upgrade.
echo 'base_url = "https://comments.example"' >>"$root/etc/afterword/afterword.toml"
mkdir -p "$root/var/lib/afterword"
echo precious >"$root/var/lib/afterword/afterword.db"
install || { cat "$root/tmp/log" >&2; fail "the package cannot be installed over itself"; }
grep -q comments.example "$root/etc/afterword/afterword.toml" || fail "an upgrade overwrites the configuration"
dpkg --root="$root" --force-not-root --purge afterword >"$root/tmp/log" 2>&1 || { cat "$root/tmp/log" >&2; fail "the package cannot be purged"; }
[ ! -e "$root/usr/bin/afterword" ] || fail "purging leaves the program"
[ "$(cat "$root/var/lib/afterword/afterword.db")" = precious ] || fail "purging deletes what people wrote"
echo "the Debian package installs, upgrades and goes, and leaves configuration and comments alone"
