"""A full disk: reads continue, writes are refused with 503 and Retry-After, and recover automatically.

The data are on a small file system, which is filled and freed again under load; in some rounds the server is killed and
started while it is full. Control: a client that counts a 503 as acknowledged.
"""

import asyncio
import os
import subprocess
import time

from ledger import Ledger, compare_with_the_api, rows_of
from load import Crowd, settle
from server import ORIGIN, SITE, Broken, integrity
from wire import Client, query

# Space for the log at its longest (32 MB before a checkpoint) and for the writes of all rounds.
ROOM = 128 * 1024 * 1024


def small_disk(run, name, room=ROOM):
    folder = run.folder(name)
    os.mkdir(folder)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "afterword", folder], capture_output=True, text=True)
    if made.returncode:
        raise Broken(f"a small file system cannot be mounted here: {made.stderr.strip()}; run this as root")
    run.ends.callback(subprocess.run, ["umount", "--lazy", folder], check=False)
    return folder


class Ballast:
    """The file that fills the disk."""

    def __init__(self, folder):
        self.file = os.path.join(folder, "ballast")

    def fill(self, spare):
        """Fills the disk and frees `spare` bytes."""
        size = 0
        with open(self.file, "wb", buffering=0) as file:
            try:
                block = bytes(4096)
                while True:
                    size += file.write(block)
            except OSError:
                file.truncate(max(0, size - spare))

    def free(self):
        os.unlink(self.file)


async def reads_go_on(server, pages, count):
    """Reads threads, cached and uncached; every read must succeed."""
    client = Client(server.port)
    for n in range(count):
        for path in (f"thread?{query(page=pages[n % len(pages)])}", f"counts?{query(page=pages)}", f"recent?limit={1 + n % 50}"):
            answer = await client.ask("GET", f"/api/v1/sites/{SITE}/{path}")
            if answer.status != 200:
                raise Broken(f"while the disk is full, GET {path} answered {answer.status} {answer.code()}")
        await asyncio.sleep(0.01)
    client.close()


async def one_round(run, server, ledger, ballast, n):
    crowd = Crowd(ledger, server, size=8, path=f"/round-{n}", pages=3, seed=run.random.random())
    await crowd.posted(20)
    before = ledger.refused
    ballast.fill(run.random.choice((0, 4096, 40_000, 200_000)))
    deadline = time.monotonic() + 30
    while ledger.refused < before + 15:
        await asyncio.sleep(0.01)
        crowd.raise_early()
        if time.monotonic() > deadline:
            raise Broken(f"the disk is full and writes were not refused: {ledger.refused - before} refusals, {crowd.answered} acknowledged")
    await reads_go_on(server, crowd.urls(), 10)
    # A post refused now is not stored; a client that counts it as acknowledged finds it lost.
    credulous = Ledger()
    credulous.sent = ledger.sent
    credulous.acknowledged = {mark: one for mark, one in ledger.unknown.items()}
    deceived = len(credulous.audit(rows_of(server.file)).lost)
    if n % 3 == 2:
        server.kill()
    ballast.free()
    if not server.running():
        await asyncio.sleep(0)
        server.start()
    await crowd.posted(20, patience=20)
    await crowd.stop()
    await settle(ledger, server)
    await compare_with_the_api(server.port, rows_of(server.file), crowd.urls())
    return deceived


def test(run):
    server, ledger, deceived = run.server("diskfull"), Ledger(), 0
    ballast = Ballast(small_disk(run, "diskfull"))
    server.register().start()
    rounds = 4 if run.quick else 20
    for n in range(rounds):
        deceived += asyncio.run(one_round(run, server, ledger, ballast, n))
    kills = start_without_room(server, ballast)
    asyncio.run(settle(ledger, server))
    findings = ledger.audit(rows_of(server.file))
    integrity(server.file)
    run.row(
        kills=kills + rounds // 3,
        findings=findings,
        note=f"{rounds} times full, {ledger.refused} refusals with Retry-After",
        controls=[run.control("a 503 taken for a promise", deceived, "lost")],
    )


def start_without_room(server, ballast):
    """Killed and started on a full disk, it serves readers, or its message says why it cannot."""
    server.kill()
    ballast.fill(0)
    server.launch()
    deadline = time.monotonic() + 10
    while server.running() and not server.answers() and time.monotonic() < deadline:
        time.sleep(0.02)
    if server.running():
        asyncio.run(reads_go_on(server, [f"{ORIGIN}/round-0/0"], 3))
        server.kill()
    elif "full" not in server.last_words() or "panicked" in server.last_words():
        raise Broken(f"started on a full disk it ended without a sentence: {server.last_words()}")
    ballast.free()
    server.start()
    return 2
