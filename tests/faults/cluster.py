"""PostgreSQL clusters, durable as in production, and separate networks that can be cut.

A cluster runs as the user of Debian's package, since PostgreSQL refuses root. Nothing here touches a cluster or a
network of the machine: `run` gives the tests a network namespace, and these are below it.
"""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import time

from ledger import ROWS, check_properties
from server import Broken, free_port

SAFE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "max_connections=60", "wal_level=replica", "max_wal_senders=8")


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise Broken("PostgreSQL is missing: install the Debian package 'postgresql'")
    return found[-1]


def done(*command, **how):
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, **how)
    if ran.returncode:
        raise Broken(f"{' '.join(command)} ended with {ran.returncode}: {ran.stdout[-500:]}{ran.stderr[-1500:]}")
    return ran.stdout


class Cluster:
    """A PostgreSQL server at `host`, in the network namespace `network` if there is one."""

    def __init__(self, run, name, host="127.0.0.1", network=None, settings=()):
        self.host, self.network, self.settings = host, network, [*SAFE, *settings]
        self.port = free_port()
        os.chmod(run.scratch, 0o755)
        self.folder = run.folder(name)
        os.mkdir(self.folder)
        shutil.chown(self.folder, "postgres")
        self.log, self.process = f"{self.folder}/log", None
        run.ends.callback(self.kill)

    def prefix(self):
        within = ["ip", "netns", "exec", self.network] if self.network else []
        return [*within, "runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else within

    def program(self, name, *arguments):
        return done(*self.prefix(), f"{programs()}/{name}", *arguments, cwd="/")

    def create(self):
        self.program("initdb", f"--pgdata={self.folder}/data", "--username=afterword", "--auth=trust", "--encoding=UTF8", "--locale=C")
        with open(f"{self.folder}/data/pg_hba.conf", "a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\nhost replication all 10.0.0.0/8 trust\n")
        self.start()
        self.sql("CREATE DATABASE afterword", database="postgres")
        return self

    def copy_of(self, primary):
        """A standby that follows `primary`."""
        self.program("pg_basebackup", f"--pgdata={self.folder}/data", f"--host={primary.host}", f"--port={primary.port}", "--username=afterword",
                     "--write-recovery-conf", "--checkpoint=fast", "--no-sync")  # fmt: skip
        return self.start()

    def start(self):
        settings = [f"listen_addresses={self.host}", f"port={self.port}", f"unix_socket_directories={self.folder}", *self.settings]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix(), f"{programs()}/postgres", "-D", f"{self.folder}/data", *(word for setting in settings for word in ("-c", setting))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Broken(f"PostgreSQL did not start: {open(self.log).read()[-1500:]}")
            time.sleep(0.05)
        return self

    def answers(self):
        ready = [*self.prefix(), f"{programs()}/pg_isready", "-q", f"--host={self.folder}", f"--port={self.port}"]
        return subprocess.run(ready, cwd="/").returncode == 0

    def sql(self, text, database="afterword"):
        return self.program("psql", "-X", "-A", "-t", "-q", "-F", "\x1f", "-R", "\x1e", f"--host={self.folder}", f"--port={self.port}",
                            "--username=afterword", f"--dbname={database}", "-c", text)  # fmt: skip

    def rows(self):
        """As ledger.rows_of, after the invariants were checked."""
        check_properties(lambda sql: int(self.sql(sql)))
        lines = [line.split("\x1f") for line in self.sql(ROWS).strip("\n").split("\x1e") if line]
        return [(int(id), int(parent), status, source, page) for id, parent, status, source, page in lines]

    def url(self, *others):
        hosts = ",".join(f"{one.host}:{one.port}" for one in (self, *others))
        return f"postgres://afterword@{hosts}/afterword?sslmode=disable"

    def processes(self):
        """The processes of this cluster, the postmaster first."""
        try:
            with open(f"{self.folder}/data/postmaster.pid") as file:
                first = int(file.readline())
        except (OSError, ValueError):
            return []
        with contextlib.suppress(OSError):
            with open(f"/proc/{first}/task/{first}/children") as file:
                return [first, *(int(word) for word in file.read().split())]
        return []

    def backends(self):
        """The backends of the server under test, busy ones first."""
        text = self.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'afterword' ORDER BY state = 'idle', pid")
        return [int(word) for word in text.replace("\x1e", " ").split()]

    def kill(self):
        """kill -9 of all its processes."""
        # The postmaster first, so that it does not start a recovery.
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.process = None


class Network:
    """A virtual cable for each name; the test itself is at .1."""

    def __init__(self, run, name, number):
        self.run, self.bridge, self.prefix, self.count = run, f"br{number}", f"10.77.{number}", 10
        done("ip", "link", "add", self.bridge, "type", "bridge")
        run.ends.callback(subprocess.run, ["ip", "link", "del", self.bridge], check=False)
        done("ip", "addr", "add", f"{self.prefix}.1/24", "dev", self.bridge)
        done("ip", "link", "set", self.bridge, "up")

    def plug(self, namespace):
        """Connects a namespace, created if missing; returns its address."""
        if namespace not in done("ip", "netns", "list").split():
            done("ip", "netns", "add", namespace)
            self.run.ends.callback(subprocess.run, ["ip", "netns", "del", namespace], check=False)
            done("ip", "-n", namespace, "link", "set", "lo", "up")
        self.count += 1
        address, cable = f"{self.prefix}.{self.count}", self.cable(namespace)
        done("ip", "link", "add", cable, "type", "veth", "peer", "name", f"{cable}i")
        done("ip", "link", "set", f"{cable}i", "netns", namespace)
        done("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", f"{cable}i")
        done("ip", "-n", namespace, "link", "set", f"{cable}i", "up")
        done("ip", "link", "set", cable, "master", self.bridge, "up")
        return address

    def cable(self, namespace):
        return f"{self.bridge}{namespace}"

    def cut(self, namespace):
        done("ip", "link", "set", self.cable(namespace), "down")

    def mend(self, namespace):
        done("ip", "link", "set", self.cable(namespace), "up")

