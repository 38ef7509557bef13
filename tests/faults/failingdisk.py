"""A failing disk: after an I/O error at a commit nothing is acknowledged until a restart.

The tracer injects errors into the server's system calls: a sync or a write that returns EIO, once or permanently, and
writes that return ENOSPC for a time. Reads continue. After a restart everything acknowledged is present, on the disk as
it is and on every image that a power cut could have left. Control: a sync that reports success and does nothing; then
the images must lack acknowledged comments.
"""

import asyncio
import os
import shutil
import time

import disk
import recorder
from diskfull import reads_go_on
from ledger import Ledger, rows_of
from load import Crowd, settle
from powercut import Cuts
from server import Broken, integrity

SYNC, WRITE = "fsync,fdatasync", "pwrite64"
# The failing call, its error, and whether it must recover without a restart.
FAULTS = (
    (SYNC, "error=EIO:when={n}", False),
    (SYNC, "error=EIO:when={n}+", False),
    (WRITE, "error=EIO:when={m}", False),
    (WRITE, "error=EIO:when={m}+", False),
    (WRITE, "error=ENOSPC:when={m}..{m_later}", True),
)


def start(run, name, inject):
    root = run.folder(name)
    os.mkdir(root)
    server, log = run.server(f"{name}/data"), f"{root}.strace"
    first = f"{root}-first.strace"
    server.command("site", "add", "blog", "--origin", "https://blog.example", wrapper=recorder.wrapper(first))
    recorder.settled(first)
    server.wrapper = recorder.wrapper(log, "-e", f"inject={inject}")
    server.start(60)
    return root, server, [first, log]


async def until_it_fails(server, ledger, resumes):
    """Posts until the fault takes effect, and on; False when it did not, since it hit a checkpoint and not a commit."""
    crowd = Crowd(ledger, server, size=8, path="/failing", pages=3, twice=0)
    deadline = time.monotonic() + 90
    while not ledger.refused and crowd.answered < 500:
        await asyncio.sleep(0.005)
        crowd.raise_early()
        if time.monotonic() > deadline:
            raise Broken(f"neither a fault nor an end after {crowd.answered} comments")
    felt = bool(ledger.refused)
    if resumes or not felt:
        await crowd.posted(20)
        await crowd.stop()
        return felt
    await asyncio.sleep(0.1)
    before = len(ledger.acknowledged)
    await reads_go_on(server, crowd.urls(), 10)
    await asyncio.sleep(0.3)
    await crowd.stop()
    if len(ledger.acknowledged) != before:
        raise Broken(f"{len(ledger.acknowledged) - before} comments were acknowledged after the disk had failed")
    if server.answers("/readyz"):
        raise Broken("/readyz says that all is well, and nothing can be written")
    return True


def images(run, name, root, logs, ledger, count, control=False):
    """The number of images of a power cut now that lack something acknowledged."""
    cuts = Cuts(run, name, logs, ledger, root, control)
    for _ in cuts.steps():
        pass
    cuts.acknowledged = dict(ledger.acknowledged)
    for _ in range(count):
        cuts.cut(False)
    return cuts


def one(run, number, call, how, resumes, ledger_of_all):
    n, m = run.random.randint(6, 40), run.random.randint(60, 400)
    inject = f"{call}:{how.format(n=n, m=m, m_later=m + 40)}"
    name = f"failing-{number}"
    root, server, logs = start(run, name, inject)
    ledger = Ledger()
    try:
        felt = asyncio.run(until_it_fails(server, ledger, resumes))
    except Broken as broken:
        raise Broken(f"{inject}: {broken}") from None
    server.kill()
    recorder.settled(logs[1])
    cuts = images(run, name, root, logs, ledger, 20)
    if not cuts.injected:
        raise Broken(f"{inject}: the fault was never met")
    if cuts.lost:
        raise Broken(f"{inject}: {len(cuts.lost)} of {cuts.images} images lost something acknowledged")
    server.wrapper = []
    server.start()
    ledger.audit(rows_of(server.file)).demand(f"{inject}, after a restart")
    asyncio.run(settle(ledger, server))
    findings = ledger.audit(rows_of(server.file)).demand(f"{inject}, after asking again")
    integrity(server.file)
    server.stop()
    ledger_of_all.append((findings, cuts.images, felt))
    shutil.rmtree(root)


def lying(run):
    """Control: syncs that do nothing and report success."""
    root, server, logs = start(run, "lying", f"{SYNC}:retval=0:when=20+")
    ledger = Ledger()

    async def load():
        crowd = Crowd(ledger, server, size=8, path="/lying", pages=3, twice=0)
        await crowd.posted(150)
        await crowd.stop()

    asyncio.run(load())
    server.kill()
    recorder.settled(logs[1])
    cuts = images(run, "lying", root, logs, ledger, 20, control=True)
    return run.control("syncs that lie", len(cuts.lost), f"of {cuts.images} images lost something acknowledged")


def test(run):
    done = []
    for number in range(1 if run.quick else 5):
        for kind, (call, how, resumes) in enumerate(FAULTS):
            one(run, f"{number}-{kind}", call, how, resumes, done)
    felt = sum(felt for _, _, felt in done)
    if felt < len(done) // 2:
        raise Broken(f"only {felt} of {len(done)} faults hit a commit: too few to prove anything")
    note = f"{len(done)} faults put in, {felt} of them into commits"
    counts = [sum(part) for part in zip(*((f.acknowledged, f.found, len(f.lost), len(f.duplicates)) for f, _, _ in done))]
    run.row(
        kills=len(done), cuts=sum(images for _, images, _ in done), counts=counts, note=note, controls=[lying(run)]
    )
