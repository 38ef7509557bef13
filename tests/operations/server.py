"""A server for a check, and helpers for all checks."""

import http.client
import json
import os
import random
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ["AFTERWORD_BIN"]
ORIGIN = "https://blog.example"
PAGE = ORIGIN + "/tea"


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


def wait_for(what, sentence, seconds=20):
    """Calls `what` until it returns something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := what():
                return answer
        except (OSError, http.client.HTTPException, ValueError):
            pass
        time.sleep(0.1)
    sentence = sentence() if callable(sentence) else sentence
    raise SystemExit(f"operations: {sentence} (waited {seconds} s)")


def ask(port, path, method="GET", headers=None, body=None):
    """Status, headers and body of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    got = answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
    connection.close()
    return got


def expect(truth, sentence):
    if not truth:
        raise SystemExit(f"operations: {sentence}")


class Program:
    """A process that ends with the check."""

    def __init__(self, *command, **options):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, **options)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Server(Program):
    """Afterword with a site, an owner and metrics."""

    def __init__(self, folder, base_port=None, wrapper=()):
        self.port, self.metrics = free_port(), free_port()
        self.flags = [
            f"--data={folder}/data",
            f"--listen=127.0.0.1:{self.port}",
            f"--base-url=http://127.0.0.1:{base_port or self.port}",
            f"--set=metrics_listen=127.0.0.1:{self.metrics}",
            "--set=trusted_proxies=127.0.0.1",
        ]
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("AFTERWORD_")}
        if not Path(folder, "data").exists():
            self.run("site", "add", "blog", "--origin", ORIGIN)
            self.run("admin", "create", "ann", "--password-stdin", input=b"a long password")
        super().__init__(*wrapper, BINARY, *self.flags, "serve", env=self.environment)
        wait_for(lambda: ask(self.port, "/readyz")[0] == 200, "the server does not start")

    def run(self, *arguments, **options):
        return subprocess.run([BINARY, *self.flags, *arguments], env=self.environment, capture_output=True, **options)

    def doctor(self):
        """The findings: check → [(level, message)]."""
        output = self.run("doctor", "--json")
        found = {}
        for one in json.loads(output.stdout)["findings"]:
            found.setdefault(one["check"], []).append((one["level"], one["message"]))
        return found

    def read_thread(self, port=None, **headers):
        return ask(port or self.port, f"/api/v1/sites/blog/thread?page={PAGE}", headers=headers)

    def post(self, key, port=None):
        body = json.dumps({"page": PAGE, "key": f"operations-{key:08}", "name": "Bea", "text": "Tea."})
        headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
        return ask(port or self.port, "/api/v1/sites/blog/comments", "POST", headers, body)
