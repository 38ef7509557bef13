"""The measured servers: data folders with comments, Afterword, its baselines. The caller starts and stops each.

Must never change a database that another round measures: every server gets its own copy.
"""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

AFTERWORD = os.environ.get("AFTERWORD_BIN", "")
PROGRAM = os.environ.get("BENCH_PROGRAM", "")
FOLDER = Path(os.environ.get("BENCH_FOLDER", "target/bench"))
ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "https://blog.example"

# Threads, comments in each, comments of one long thread.
SIZES = {
    "1k": (20, 50, 0),
    "10k": (200, 50, 0),
    "100k": (1_000, 100, 10_000),
    "100k of 50": (2_000, 50, 0),
    "1M": (20_000, 50, 0),
}
# Remark42 on two cores of another machine, per second, where nginx served a file of 10 kB 31,700 times: only its share
# of nginx can be compared with this machine. A machine that is twice as fast serves twice as much of both.
NGINX_THERE = 31_700
REMARK42 = {"warm": 571 / NGINX_THERE, "random": 47 / NGINX_THERE, "post": 263 / NGINX_THERE}
# Limits stay on, so that their cost is measured, but too high to be reached.
GENEROUS = "address=1000000000/1s site=1000000000/1s global=1000000000/1s"


def thread_path(page):
    return f"/api/v1/sites/blog/thread?page={ORIGIN}{page}"


def program(*arguments):
    """Runs a command of the Rust program in this folder; returns its output."""
    said = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    if said.returncode:
        raise RuntimeError(f"bench {arguments[0]}: {said.stderr[-2000:]}")
    return json.loads(said.stdout)


def seeded(size):
    """A folder with this number of comments; filled once per schema and kept in target/bench."""
    threads, each, long = SIZES[size]
    made_of = (ROOT / "schema.sql").read_bytes() + b"".join(
        (ROOT / "tests/bench/program" / name).read_bytes() for name in ("seed.rs", "vocabulary.rs", "unit.rs"))
    import hashlib

    folder = FOLDER / f"seed-{size.replace(' ', '-')}-{hashlib.sha256(made_of).hexdigest()[:12]}"
    if not (folder / "seed.json").exists():
        for old in FOLDER.glob(f"seed-{size.replace(' ', '-')}-????????????"):
            shutil.rmtree(old)
        print(f"  (filling a database: {size} comments)", flush=True)
        program("seed", folder, "--threads", threads, "--each", each, "--long", long)
    return folder


class Copy:
    """A copy of a seeded folder, removed when the block ends."""

    def __init__(self, size):
        self.size = size

    def __enter__(self):
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=FOLDER))
        for file in seeded(self.size).iterdir():
            shutil.copy(file, self.folder / file.name)
        # Otherwise the disk still writes the copy while the first commits are measured.
        os.sync()
        return self.folder

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    """A port that no outgoing connection can take: below the ephemeral range."""
    for port in random.sample(range(12_000, 32_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise OSError("no free port between 12000 and 32000")


class Process:
    """A server as a child process; stopped when the block ends."""

    def __init__(self, command, port, env=None, ready="/", cwd=None):
        self.command, self.port, self.ready, self.cwd = command, port, ready, cwd
        # Afterword refuses unknown settings, such as the name of its own binary.
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWORD_")} | (env or {})
        self.base = f"http://127.0.0.1:{port}"

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.began = time.monotonic()
        self.child = subprocess.Popen(
            list(map(str, self.command)), env=self.env, cwd=self.cwd, stdout=self.log, stderr=subprocess.STDOUT)
        while True:
            try:
                status = self.get(self.ready)[0]
                if status == 200:
                    break
                self.child.kill()
                raise RuntimeError(f"{self.command[0]} answers {status} at {self.ready}")
            except OSError:
                if self.child.poll() is not None or time.monotonic() - self.began > 60:
                    self.child.kill()
                    self.log.seek(0)
                    raise RuntimeError(f"{self.command[0]} did not start: {self.log.read()[-2000:]}") from None
                time.sleep(0.001)
        self.started = time.monotonic() - self.began
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def get(self, path, headers=None, method="GET", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers={"Accept-Encoding": "identity", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read()
        finally:
            connection.close()

    def memory(self):
        """Resident, in MB."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


class Afterword(Process):
    """The server on a folder, with every limit on but too high to be reached."""

    def __init__(self, folder, ready="/healthz", **settings):
        port = free_port()
        env = {f"AFTERWORD_LIMITS_{name}": GENEROUS for name in ("READ", "POST", "EDIT", "VOTE", "PREVIEW", "LOGIN")}
        env |= {
            "AFTERWORD_LISTEN": f"127.0.0.1:{port}",
            "AFTERWORD_DATA": str(folder),
            # The seed writes comments without a secret, and a copy belongs to the first one that it is opened with.
            "AFTERWORD_SECRET": "5a" * 32,
            "AFTERWORD_MAX_CONNECTIONS_PER_ADDRESS": "1000000",
            "AFTERWORD_LOG": "warn",
        }
        env |= {f"AFTERWORD_{name.upper()}": str(value) for name, value in settings.items()}
        self.folder = folder
        super().__init__([AFTERWORD], port, env, ready)

    def sign_in(self):
        """The cookie of an owner."""
        subprocess.run([AFTERWORD, "admin", "create", "owner", "--password-stdin"], env=self.env, check=True,
                       input="a long password of a benchmark", text=True, capture_output=True)
        page = self.get("/admin/login")[2].decode()
        token = re.search(r'name="form_token" value="([^"]+)"', page)[1]
        form = f"form_token={quote(token)}&name=owner&password={quote('a long password of a benchmark')}"
        status, headers, body = self.get("/admin/login", method="POST", body=form, headers={
            "Content-Type": "application/x-www-form-urlencoded", "Origin": self.base, "Sec-Fetch-Site": "same-origin"})
        if status != 303:
            raise RuntimeError(f"signing in: {status} {body[:300]}")
        return headers["set-cookie"].split(";")[0]


class Baseline(Process):
    """The same bytes and headers for every request, from Afterword's accept loop."""

    def __init__(self, answer, folder):
        _, headers, body = answer
        file, port = folder / "baseline-body", free_port()
        file.write_bytes(body)
        sent = [f"{name}:{value}" for name, value in headers.items() if name not in ("content-length", "date")]
        command = [PROGRAM, "baseline", "--listen", f"127.0.0.1:{port}", "--body", file]
        super().__init__(command + [f"--header={line}" for line in sent], port)


TEN_KILOBYTES = (200, {"content-type": "text/plain"}, random.Random(1).randbytes(10_000))


class Nginx(Process):
    """The same bytes as a file served by nginx."""

    @staticmethod
    def is_here():
        return shutil.which("nginx") or os.access("/usr/sbin/nginx", os.X_OK)

    def __init__(self, answer, folder):
        _, headers, body = answer
        folder = folder / "nginx"
        folder.mkdir(exist_ok=True)
        (folder / "body").write_bytes(body)
        port = free_port()
        lines = "".join(f"add_header {name} {json.dumps(value)};\n" for name, value in headers.items()
                        if name not in ("content-length", "content-type", "date", "etag"))
        (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; user root;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port}; root {folder}; default_type {headers.get('content-type', 'application/json')};
    {lines}
  }}
}}
""")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        super().__init__([nginx, "-c", folder / "nginx.conf", "-p", folder], port, ready="/body")
