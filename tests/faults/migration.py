"""Kills while a database is created or migrated: the next start completes it, and nothing is missing.

The tracer kills the program at its n-th call that changes the disk, for many n, from the first to the last. Then a
start without it must end in the same state as an undisturbed one, with the backup of the old file next to it. Control:
the state that a migration without a transaction leaves when it is killed halfway.
"""

import collections
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

from server import SITE, Broken, integrity, opened

DATA = pathlib.Path(__file__).parent.parent / "data"
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,fallocate"
COMMENTS = 400
# A migrated database belongs to a secret; all share one, so that they can be compared.
SECRET = {"AFTERWORD_SECRET": "5e" * 32}


def old_schemas():
    """(version, SQL) of each released schema in tests/data."""
    kept = {int(path.stem.split("-")[1]): path for path in DATA.glob("schema-*.sql")}
    for version, path in sorted(kept.items()):
        # As in src/store/schema.rs.
        sql = path.read_text().replace("BIGINT", "INTEGER").replace("\n) WITHOUT ROWID;", "\n) WITHOUT ROWID, STRICT;")
        yield version, sql.replace("\n);", "\n) STRICT;")


def make_old(file, version, sql):
    os.makedirs(os.path.dirname(file))
    # A database stores a fingerprint of its secret: with different secrets the copies would differ.
    pathlib.Path(file).with_name("secret.key").write_text("5e" * 32)
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL;" + sql)
    database.execute("BEGIN")
    database.execute("INSERT INTO instance (name, value) VALUES ('schema', ?)", (version,))
    database.execute("INSERT INTO sites (id, name, created_at) VALUES (1, ?, 1)", (SITE,))
    database.execute("INSERT INTO site_origins (site_id, origin, created_at) VALUES (1, 'https://blog.example', 1)")
    if version < 6:
        # Accounts, which step 6 moves to tables of their own.
        database.execute("INSERT INTO users (id, name, role, password_hash, created_at) VALUES (7, 'ann', 'owner', 'hash', 1)")
        database.execute("INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES ('cookie', 7, 1, 1)")
    for thread in range(1, 21):
        page = f"https://blog.example/{thread}"
        many = COMMENTS // 20
        database.execute(
            "INSERT INTO threads (site_id, id, page_url, title, created_at, comment_count, total_count) VALUES (1, ?, ?, 'Tea', 1, ?, ?)",
            (thread, page, many, many),
        )
        database.execute("INSERT INTO thread_keys (site_id, page_key, thread_id) VALUES (1, ?, ?)", (f"//blog.example/{thread}", thread))
        for n in range(many):
            id = thread * 1000 + n
            database.execute(
                "INSERT INTO comments (site_id, thread_id, id, parent_id, root_id, status, author_name, author_avatar, body, policy, created_at) "
                "VALUES (1, ?, ?, 0, ?, 'approved', 'Ann', 'x', ?, 1, 1)",
                (thread, id, id, f'[["p",{{}},"comment {id} {"tea " * 60}"]]'),
            )
            database.execute(
                "INSERT INTO comment_details (site_id, comment_id, source, format, author_key, token_hash) VALUES (1, ?, ?, 'markdown', 'k', '')",
                (id, f"comment {id}"),
            )
    database.execute("COMMIT")
    database.close()


def content(file):
    """The contents of a database: its schema without comments and white space, and all rows."""
    with opened(file) as database:
        schema = database.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name").fetchall()
        shape = [(name, re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", sql or ""))) for name, sql in schema]
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
        return shape, {table: sorted(database.execute(f"SELECT * FROM {table}").fetchall()) for table in sorted(tables)}


def traced(*inject):
    return ["strace", "-D", "-f", "-q", "-o", "/dev/null", "-e", f"trace={CALLS}", *inject]


def calls_of(server, arguments):
    """The main thread's calls that may change the disk: (name, its number among those of that name)."""
    log = f"{server.folder}.calls"
    server.command(*arguments, wrapper=["strace", "-f", "-q", "-o", log, "-e", f"trace={CALLS}"])
    with open(log) as lines:
        lines = lines.readlines()
    first, calls, seen = lines[0].split()[0], [], collections.Counter()
    for line in lines:
        call = re.match(first + r" +(\w+)\(", line)
        if call:
            seen[call[1]] += 1
            calls.append((call[1], seen[call[1]]))
    return calls


def killed_at(server, call, arguments):
    """Runs a command that is killed at this call; True when it was."""
    name, n = call
    done = server.command(*arguments, wrapper=traced("-e", f"inject={name}:signal=KILL:when={n}"), check=False)
    return done.returncode == -9


def points(run, calls, most):
    """At most this number of them: the first, the last, and some between."""
    if len(calls) <= most:
        return calls
    ends = most // 4
    return calls[:ends] + run.random.sample(calls[ends:-ends], most - 2 * ends) + calls[-ends:]


def migrations(run, most):
    """Kills at many points of each migration; returns kills and migrations."""
    kills, steps = 0, 0
    for version, sql in old_schemas():
        old = run.server(f"old-{version}", environment=SECRET)
        make_old(old.file, version, sql)
        before, wanted = content(old.file), run.server(f"wanted-{version}", environment=SECRET)
        shutil.copytree(old.folder, wanted.folder)
        calls = calls_of(wanted, ("site", "list"))
        backup = f"afterword.before-migration-from-{version}.db"
        if not os.path.exists(os.path.join(wanted.folder, backup)):
            continue  # today's schema, nothing to do
        steps += 1
        whole = content(wanted.file)
        for call in points(run, calls, most):
            server = run.server(f"killed-{version}-{call[0]}-{call[1]}", environment=SECRET)
            shutil.copytree(old.folder, server.folder)
            kills += killed_at(server, call, ("site", "list"))
            server.command("site", "list")
            where = f"killed at {call[0]} {call[1]}, from schema {version}"
            integrity(server.file)
            if content(server.file) != whole:
                raise Broken(f"{where}: the database is not what a migration makes that was never killed")
            if content(os.path.join(server.folder, backup)) != before:
                raise Broken(f"{where}: the backup is not the old database")
            shutil.rmtree(server.folder)
    if not steps:
        raise Broken("there is no older schema in tests/data to migrate from")
    return kills, steps


def first_starts(run, most):
    """Kills at many points of the very first start; the next start must succeed."""
    arguments = ("site", "add", SITE, "--origin", "https://blog.example")
    calls, kills = calls_of(run.server("first-start"), arguments), 0
    for call in points(run, calls, most):
        server = run.server(f"first-{call[0]}-{call[1]}")
        kills += killed_at(server, call, arguments)
        listed = server.command("site", "list")
        if SITE not in listed.stdout:
            server.command(*arguments)
        integrity(server.file)
        secret = pathlib.Path(server.folder, "secret.key").read_text().strip()
        if not re.fullmatch("[0-9a-f]{64}", secret):
            raise Broken(f"killed at {call[0]} {call[1]} of the first start: secret.key holds {secret!r}")
        shutil.rmtree(server.folder)
    return kills


def half_a_secret(run):
    """Control: the state after a kill of a first start that writes the secret in place."""
    server = run.server("half-a-secret").register()
    with open(f"{server.folder}/secret.key", "w") as file:
        file.write("5e5e")
    done = server.command("site", "list", check=False)
    return run.control("a secret that was half written", int(done.returncode != 0), "noticed")


def halfway(run):
    """Control: one object of the new schema in the old database, as a migration without a transaction leaves it."""
    version, sql = next(old_schemas())
    server = run.server("halfway", environment=SECRET)
    make_old(server.file, version, sql)
    new = run.server(f"wanted-{version}")
    old_names = {name for name, _ in content(server.file)[0]}
    with opened(new.file) as database:
        added = [row[1] for row in database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL") if row[0] not in old_names]
    database = sqlite3.connect(server.file)
    database.execute(added[0])
    database.close()
    done = server.command("site", "list", check=False)
    noticed = done.returncode != 0 or content(server.file) != content(new.file)
    return run.control("a migration without a transaction, killed halfway", int(noticed), "noticed")


def test(run):
    if subprocess.run(["strace", "-V"], capture_output=True).returncode:
        raise Broken("strace is missing")
    most = 30 if run.quick else 250
    kills, steps = migrations(run, most)
    control = halfway(run)
    if kills < most // 2:
        raise Broken(f"only {kills} kills hit the migration: too few to prove anything")
    run.row(kills=kills, note=f"{steps} old schemas, every one completed, with its backup", controls=[control])
    made = first_starts(run, most)
    run.row("first start", kills=made, note="completed by the next command", controls=[half_a_secret(run)])
