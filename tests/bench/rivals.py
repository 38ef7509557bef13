"""Isso and Waline compared with Afterword in the same run: the same comments, the same load, the same machine.

Isso comes from the Python package index and runs under gevent, as its documentation recommends for production; Waline
from npm with its SQLite. Neither has a limit on. Each gets the requests of its own widget. Must never be slower than in
a recommended installation, nor have fewer comments than Afterword.
"""

import http.server
import json
import random
import sqlite3
import subprocess
import threading
import venv
from pathlib import Path

from load import BROWSER, Failed, wrk
from servers import FOLDER, Afterword, Copy, Process, free_port, thread_path
from reads import in_turn
from writes import posts

COMMENTS = 59


def texts():
    """As many comments as Afterword's thread, with their parents by index."""
    dice = random.Random(59)
    words = "a hive tells you little and tells it slowly the pitch of the hum the colour of the pollen what stays is patience".split()
    found = []
    for n in range(COMMENTS):
        text = " ".join(dice.choice(words) for _ in range(dice.randint(8, 60))) + "."
        found.append((f"Reader {n % 17}", text, dice.randrange(n) if n and dice.random() < 0.66 else None))
    return found


class Isso(Process):
    """Isso on gevent's server, as its documentation recommends."""

    def __init__(self, folder):
        home = FOLDER / "isso"
        python = home / "bin" / "python"
        if not (home / "bin" / "isso").exists():
            venv.create(home, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "isso==0.14.0", "gevent"], check=True)
        port = free_port()
        (folder / "isso.cfg").write_text(
            f"[general]\ndbpath = {folder}/comments.db\nhost = http://127.0.0.1:{port}\nlog-file = /dev/null\n"
            f"[server]\nlisten = http://127.0.0.1:{port}\n[guard]\nenabled = false\n[moderation]\nenabled = false\n")
        super().__init__([home / "bin" / "isso", "-c", folder / "isso.cfg", "run"], port, ready="/js/embed.min.js", cwd=folder)

    def fill(self, path):
        ids = []
        for name, text, parent in texts():
            body = {"author": name, "email": None, "website": None, "text": text, "parent": None, "title": "On keeping bees", "notification": 0}
            # Isso nests one level: a reply to a reply has the same top-level parent.
            if parent is not None:
                body["parent"] = ids[parent][1] or ids[parent][0]
            status, _, answer = self.get(f"/new?uri={path}", method="POST", body=json.dumps(body),
                                         headers={"Content-Type": "application/json", "Origin": self.base})
            if status not in (201, 202):
                raise RuntimeError(f"Isso took no comment: {status} {answer[:200]}")
            ids.append((json.loads(answer)["id"], body["parent"]))


WALINE_TABLES = """
CREATE TABLE wl_Comment (
  id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, comment TEXT, insertedAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  ip VARCHAR(100) DEFAULT '', link VARCHAR(255), mail VARCHAR(255), nick VARCHAR(255), pid INTEGER, rid INTEGER, sticky NUMERIC,
  status VARCHAR(50) NOT NULL DEFAULT '', "like" INTEGER, ua TEXT, url VARCHAR(255),
  createdAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updatedAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE wl_Counter (
  id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER, url VARCHAR(255) NOT NULL DEFAULT '',
  createdAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updatedAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE wl_Users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, display_name VARCHAR(255) NOT NULL DEFAULT '', email VARCHAR(255) NOT NULL DEFAULT '',
  password VARCHAR(255) NOT NULL DEFAULT '', type VARCHAR(50) NOT NULL DEFAULT '', label VARCHAR(255), url VARCHAR(255),
  avatar VARCHAR(255), "2fa" VARCHAR(32),
  createdAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updatedAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
"""


class NoServices(http.server.BaseHTTPRequestHandler):
    """No sign-in by another site, answered at once."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"services": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Waline(Process):
    """Waline's own server with its SQLite."""

    def __init__(self, folder):
        home = FOLDER / "waline"
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "node_modules" / "@waline" / "vercel").exists():
            (home / "package.json").write_text('{"private": true}')
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "@waline/vercel"], cwd=home, check=True)
        # Its package has no database: these are the tables of its documentation.
        with sqlite3.connect(folder / "waline.sqlite") as tables:
            tables.executescript(WALINE_TABLES)
        port = free_port()
        # It calls this service before each response, by default one on another continent.
        signs_in = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoServices)
        threading.Thread(target=signs_in.serve_forever, daemon=True).start()
        env = {"OAUTH_URL": f"http://127.0.0.1:{signs_in.server_address[1]}",
               "SQLITE_PATH": str(folder), "JWT_TOKEN": "a-token-of-a-benchmark", "IPQPS": "0", "AKISMET_KEY": "false",
               "COMMENT_AUDIT": "false", "DISABLE_REGION": "true", "DISABLE_USERAGENT": "true"}
        script = home / "node_modules" / "@waline" / "vercel" / "vanilla.js"
        super().__init__(["node", script, str(port)], port, {**env, "PORT": str(port)}, ready="/api/comment?type=count&url=/x", cwd=home)

    def fill(self, path):
        ids = []
        for name, text, parent in texts():
            body = {"comment": text, "nick": name, "mail": "", "link": "", "ua": "bench", "url": path}
            if parent is not None:
                body |= {"pid": ids[parent][0], "rid": ids[parent][1] or ids[parent][0]}
            status, _, answer = self.get("/api/comment", method="POST", body=json.dumps(body), headers={"Content-Type": "application/json"})
            said = json.loads(answer)
            if status != 200 or said.get("errno"):
                raise RuntimeError(f"Waline took no comment: {status} {answer[:200]}")
            ids.append((said["data"]["objectId"], body.get("rid")))


def rivals(run):
    """The thread of 59 comments by 32 clients, and posts by 16."""
    for name, rival, read, post in (
        ("Isso", Isso, "/?uri=%2Ftea%2F&nested_limit=5", "isso.lua"),
        ("Waline", Waline, "/api/comment?path=%2Ftea%2F&pageSize=100&page=1&sortBy=insertedAt_asc", "waline.lua"),
    ):
        with Copy("10k") as folder, Afterword(folder) as ours:
            try:
                with rival(folder) as theirs:
                    theirs.fill("/tea/")
                    answer = theirs.get(read)[2]
                    if len(answer) < 4_000:
                        raise RuntimeError(f"{name} answers too little: {answer[:300]}")
                    pairs = in_turn(run, lambda: wrk(ours.base + thread_path("/fifty-nine/"), clients=32).rate, lambda: wrk(theirs.base + read, clients=32).rate)
                    run.table.ratio("rivals", "59 comments, 32 clients", name, pairs)
                    pairs = in_turn(run, lambda: posts(ours, 200, 16).rate, lambda: wrk(theirs.base, clients=16, script=post).rate)
                    run.table.ratio("rivals", "durable posts, 16 clients", name, pairs)
            except (subprocess.CalledProcessError, RuntimeError, Failed) as error:
                raise RuntimeError(f"{name}: {error}") from error
