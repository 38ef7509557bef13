"""The server under test: the real binary, started, stopped, killed, and started again on the same data.

A wrapper (a tracer, a namespace, another clock) precedes the command and must exec the server, so that a kill hits the
server and nothing else.
"""

import contextlib
import http.client
import os
import signal
import random
import socket
import sqlite3
import subprocess
import time

SITE = "blog"
ORIGIN = "https://blog.example"
LIMITS = ("READ", "POST", "EDIT", "VOTE", "PREVIEW", "LOGIN")


class Broken(Exception):
    """A guarantee that does not hold."""


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


class Server:
    def __init__(self, binary, folder, database="afterword.db", host="127.0.0.1", wrapper=(), environment=None):
        self.binary, self.folder, self.database, self.host = str(binary), str(folder), database, host
        self.wrapper, self.port, self.process = list(wrapper), free_port(), None
        self.log = f"{self.folder}.log"
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "AFTERWORD_LISTEN": f"{host}:{self.port}",
            "AFTERWORD_DATA": self.folder,
            "AFTERWORD_DATABASE": database,
            **({"AFTERWORD_SECRET": "5e" * 32} if "://" in database else {}),
            **{f"AFTERWORD_LIMITS_{name}": "off" for name in LIMITS},
            **(environment or {}),
        }

    @property
    def file(self):
        return os.path.join(self.folder, self.database)

    def command(self, *arguments, wrapper=(), check=True, timeout=120):
        """Runs another command of the binary on the same data."""
        done = subprocess.run([*wrapper, self.binary, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode:
            raise Broken(f"afterword {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def register(self):
        self.command("site", "add", SITE, "--origin", ORIGIN)
        self.command("site", "set", SITE, "edit_window=86400")
        return self

    def launch(self):
        """Starts it, without waiting for it to answer."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, self.binary, "serve"], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def start(self, wait=20.0):
        self.launch()
        deadline = time.monotonic() + wait
        while not self.answers():
            if self.process.poll() is not None:
                raise Broken(f"the server did not start, it ended with {self.process.returncode}: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Broken(f"the server did not answer within {wait} s: {self.last_words()}")
            time.sleep(0.004)
        return self

    def answers(self, path="/healthz"):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def last_words(self):
        with open(self.log, errors="replace") as log:
            return log.read()[-1500:]

    def signal(self, which):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(which)

    def kill(self):
        """kill -9."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def stop(self):
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
            return
        self.kill()
        raise Broken("the server did not stop when it was told to")

    def running(self):
        return self.process is not None and self.process.poll() is None


@contextlib.contextmanager
def opened(file):
    """Opens the database with another library than the server's, for reading."""
    connection = sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=20, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only=ON")
        yield connection
    finally:
        connection.close()


def integrity(file):
    """Raises unless the database is intact."""
    with opened(file) as database:
        said = [row[0] for row in database.execute("PRAGMA integrity_check")]
        lame = list(database.execute("PRAGMA foreign_key_check"))
    if said != ["ok"] or lame:
        raise Broken(f"{file} is damaged: {said[:5]} {lame[:5]}")
