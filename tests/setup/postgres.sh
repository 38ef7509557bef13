# A PostgreSQL cluster that lives as long as the run. Sourced by tests/run.
# shellcheck shell=bash

pg_dir=

# The newest server's program folder: on the path, or where Debian puts it.
postgres_bin() {
  local dir
  dir=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  if [ -n "$dir" ] && [ -x "$dir/initdb" ]; then
    echo "$dir"
  elif command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(command -v initdb)"
  else
    return 1
  fi
}

# PostgreSQL refuses to run as root, so root runs it as the user of Debian's package.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts the cluster and exports AFTERWORD_TEST_POSTGRES, unless the caller has set it.
start_postgres() {
  if [ -n "${AFTERWORD_TEST_POSTGRES:-}" ]; then
    echo "PostgreSQL: as given by AFTERWORD_TEST_POSTGRES"
    return 0
  fi
  need_postgres || return 1
  local bin port
  bin=$(postgres_bin)
  # A short path: a socket's path may not exceed 107 bytes.
  pg_dir=$(mktemp -d /tmp/afterword-pg.XXXXXX)
  if [ "$(id -u)" = 0 ]; then chown postgres "$pg_dir"; fi
  as_postgres "$bin/initdb" --pgdata="$pg_dir/data" --username=afterword --auth=trust \
    --encoding=UTF8 --locale=C --no-sync >"$pg_dir.log" 2>&1 || {
    cat "$pg_dir.log" >&2
    return 1
  }
  port=$(free_port)
  # Its data are removed after the run, so it need not be durable.
  as_postgres "$bin/pg_ctl" --pgdata="$pg_dir/data" --log="$pg_dir/server.log" --wait --timeout=60 --silent \
    --options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$pg_dir \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" \
    start >>"$pg_dir.log" 2>&1 || {
    cat "$pg_dir.log" "$pg_dir/server.log" >&2
    return 1
  }
  as_postgres "$bin/createdb" --host="$pg_dir" --port="$port" --username=afterword afterword || return 1
  export AFTERWORD_TEST_POSTGRES="postgres://afterword@127.0.0.1:$port/afterword"
  echo "PostgreSQL $("$bin/postgres" --version | grep -oE '[0-9.]+' | head -n 1): $AFTERWORD_TEST_POSTGRES"
}

stop_postgres() {
  [ -n "$pg_dir" ] || return 0
  local bin
  bin=$(postgres_bin) || return 0
  if [ -f "$pg_dir/data/postmaster.pid" ]; then
    as_postgres "$bin/pg_ctl" --pgdata="$pg_dir/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
  fi
  rm -rf "$pg_dir" "$pg_dir.log"
  pg_dir=
}
