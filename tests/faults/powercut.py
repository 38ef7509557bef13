"""Power cuts at any point: every image that a cut could leave has everything acknowledged before it.

The server's system calls are recorded from its first start on an empty disk, while clients post; the responses are in
the same log, so that the log shows what was acknowledged before which write. disk.py builds the images, and SQLite
opens them; a server serves some of them. Control: the same binary with its `synchronous=FULL` replaced by `NORMAL`.
"""

import asyncio
import os
import shutil
import sqlite3

import disk
import recorder
from ledger import MARK, Ledger, rows_of
from load import Crowd
from server import Broken, integrity, opened


def record(run, name, binary, posts, size):
    """Runs a server from its first start under the recorder; returns the logs, the ledger and the disk's root."""
    root = run.folder(name)
    os.mkdir(root)
    server, logs = run.server(f"{name}/data", binary), [f"{root}-{n}.strace" for n in range(3)]
    first = server.command("site", "add", "blog", "--origin", "https://blog.example", wrapper=recorder.wrapper(logs[0]))
    if "script" not in first.stdout:
        raise Broken(f"registering a site said {first.stdout!r}")
    server.wrapper = recorder.wrapper(logs[1])
    server.start(60)
    ledger = Ledger()
    asyncio.run(load(ledger, server, posts, size))
    server.kill()
    for log in logs[:2]:
        recorder.settled(log)
    return logs[:2], ledger, root


async def load(ledger, server, posts, size):
    # Bursts, so that there are groups, single commits, and idle moments with checkpoints.
    for n in range(4):
        crowd = Crowd(ledger, server, size=size if n % 2 else 1, path=f"/burst-{n}", pages=3, twice=0)
        crowd.most = posts // 4
        await asyncio.wait_for(asyncio.gather(*crowd.tasks), 300)


class Cuts:
    """Walks through the logs and cuts at the given points."""

    def __init__(self, run, name, logs, ledger, root, control=False):
        self.run, self.name, self.ledger, self.disk = run, name, ledger, disk.Disk(root)
        self.logs, self.acknowledged, self.site, self.injected = logs, {}, False, 0
        self.images = self.served = self.acknowledged_in_all = self.found = 0
        self.lost, self.control = [], control

    def steps(self):
        for log in self.logs:
            for phase, event in recorder.events(log):
                self.disk.see(phase, event)
                self.injected += phase == "end" and event.injected
                if phase == "begin" and event.data and event.path and not self.disk.inside(event.path):
                    self.hear(event)
                yield phase, event

    def hear(self, event):
        """A response counts from the start of the call that sends it through a socket or a pipe."""
        self.site |= b"data-site" in event.data or b"<script" in event.data
        if speaks(event):
            for mark in MARK.findall(event.data.decode(errors="replace")):
                if mark in self.ledger.acknowledged:
                    self.acknowledged[mark] = self.ledger.acknowledged[mark]

    def walk(self, count, serve):
        """Cuts about `count` times, everywhere in the log; a server serves `serve` of the images."""
        said, total = [], 0
        for log in self.logs:
            for phase, event in recorder.events(log):
                if phase == "begin" and speaks(event):
                    said.append(total)
                total += 1
        # Half of them just after a response: then most is acknowledged and least is certain.
        wanted = self.run.random.sample(range(total), min(count // 2, total)) + self.run.random.choices(said, k=count - count // 2)
        serve = set(self.run.random.sample(wanted, min(serve, len(wanted))))
        for n, _ in enumerate(self.steps()):
            for _ in range(wanted.count(n)):
                self.cut(n in serve)
        missing = self.ledger.acknowledged.keys() - self.acknowledged.keys()
        if missing:
            raise Broken(f"{len(missing)} answers are not in the log: the recorder missed something")
        return self

    def cut(self, serve):
        into = os.path.join(self.run.scratch, f"{self.name}-image")
        os.mkdir(into)
        self.disk.cut(self.run.random, into)
        self.images += 1
        file = f"{into}/data/afterword.db"
        told = Ledger()
        told.sent, told.acknowledged = self.ledger.sent, self.acknowledged
        self.acknowledged_in_all += len(self.acknowledged)
        try:
            rows = self.rows(file)
        except (sqlite3.DatabaseError, Broken):
            # Where writes may be reordered across a sync, the database itself may be damaged.
            if not self.control:
                raise
            rows = []
        findings = told.audit(rows)
        if findings.wrong or findings.duplicates:
            raise Broken(f"image {self.images}: {findings}")
        self.found += findings.found
        if findings.lost or (self.site and not rows and not self.has_site(file)):
            self.lost.append(findings.lost)
        elif serve:
            self.serve(into, told)
        shutil.rmtree(into)

    @staticmethod
    def rows(file):
        if not os.path.exists(file) or not has_tables(file):
            return []
        integrity(file)
        return rows_of(file)

    @staticmethod
    def has_site(file):
        return os.path.exists(file) and bool(has_tables(file)) and bool(ask(file, "SELECT count(*) FROM sites"))

    def serve(self, into, told):
        server = self.run.server(f"{os.path.basename(into)}/data")
        server.start(60)
        told.audit(rows_of(server.file)).demand("an image that a server serves again")
        server.stop()
        self.served += 1


def speaks(event):
    """Whether the call sends something to a client."""
    return event.data and event.path and event.path.startswith(("socket:", "TCP"))


def ask(file, sql):
    with opened(file) as database:
        return database.execute(sql).fetchone()[0]


def has_tables(file):
    return ask(file, "SELECT count(*) FROM sqlite_schema WHERE name = 'comments'")


def weakened(run):
    """The binary with four letters changed: commits are acknowledged before they are synced."""
    with open(run.binary, "rb") as file:
        code = file.read()
    strong, weak = b"PRAGMA synchronous=FULL;", b"PRAGMA synchronous=1   ;"
    if code.count(strong) != 1:
        raise Broken(f"the binary holds “{strong.decode()}” {code.count(strong)} times, not once; the control cannot be made")
    weaker = os.path.join(run.scratch, "afterword-normal")
    with open(weaker, "wb") as file:
        file.write(code.replace(strong, weak))
    os.chmod(weaker, 0o755)
    return weaker


def test(run):
    posts, cuts, serve = (120, 150, 5) if run.quick else (600, 1500, 40)
    logs, ledger, root = record(run, "powercut", None, posts, 12)
    done = Cuts(run, "powercut", logs, ledger, root).walk(cuts, serve)
    syncs = done.disk.syncs
    wal, base = (syncs.get(f"{root}/data/afterword.db{end}", 0) for end in ("-wal", ""))
    if done.lost:
        raise Broken(f"{len(done.lost)} of {done.images} images lost something acknowledged; first: {done.lost[0][:3]}")
    if not (wal and base and done.served):
        raise Broken(f"the log holds {wal} syncs of the WAL, {base} checkpoints, {done.served} images served: too little to prove anything")
    normal = record(run, "powercut-normal", weakened(run), posts, 12)
    control = Cuts(run, "powercut-normal", *normal, control=True).walk(max(100, cuts // 3), 0)
    run.row(
        cuts=done.images,
        counts=(done.acknowledged_in_all, done.found, 0, 0),
        note=f"{len(ledger.acknowledged)} comments, {wal} syncs of the WAL, {base} of the database, {done.served} images served again",
        controls=[run.control("synchronous=NORMAL", len(control.lost), f"of {control.images} images lost something acknowledged")],
    )
