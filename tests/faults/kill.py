"""Repeated kill -9 under load, on the same data.

The oracle is the record of responses. After each restart, unknown comments are sent again with their keys, and then
every comment acknowledged since the previous restart is present exactly once; after each tenth restart, and at the end,
all acknowledged comments. Some kills hit the server while it starts.
"""

import asyncio
import os
import shutil
import time

from ledger import Ledger, compare_with_the_api, rows_of
from load import Crowd, settle
from server import Broken, integrity


async def round_of_load(ledger, server, n, random, least=0):
    crowd = Crowd(ledger, server, size=random.choice((4, 16, 32)), path=f"/round-{n}", seed=random.random())
    try:
        await crowd.posted(least)
        # Some kills hit the first commits, some the full load.
        await asyncio.sleep(random.uniform(0.005, 0.35))
        server.kill()
    finally:
        await crowd.stop()
    return crowd.urls()


# Restarts after which all rows are checked, not only the new ones: checking all takes longer with each kill.
ALL_EACH = 10


async def after_restart(ledger, server, pages, above=0, **how):
    await settle(ledger, server, **how)
    rows = rows_of(server.file, above)
    await compare_with_the_api(server.port, rows, pages)
    return ledger.audit(rows, above)


def rounds(run, server, ledger, count, check=True, fresh_keys=False, until=None):
    """Kills `count` times; returns the number of kills and the last findings."""
    kills, pages, findings, newest = 0, [], None, 0
    for n in range(count):
        if run.random.random() < 0.15:
            server.launch()
            time.sleep(run.random.uniform(0, 0.12))
            server.kill()
            kills += 1
        server.start()
        findings = asyncio.run(after_restart(ledger, server, pages, newest if n % ALL_EACH else 0, fresh_keys=fresh_keys))
        newest = max((one.id for one in ledger.acknowledged.values()), default=0)
        if check:
            findings.demand(f"after {kills} kills")
        if until is not None and until(findings):
            break
        pages = asyncio.run(round_of_load(ledger, server, n, run.random))
        kills += 1
    if not server.running():
        server.start()
    findings = asyncio.run(after_restart(ledger, server, pages, fresh_keys=fresh_keys))
    server.stop()
    return kills, findings


def test(run):
    server, ledger = run.server("kill").register(), Ledger()
    kills, findings = rounds(run, server, ledger, 20 if run.quick else 220)
    findings.demand("at the end")
    integrity(server.file)
    if findings.acknowledged < kills or not ledger.replayed:
        raise Broken(f"the load was too small to prove anything: {findings}, {ledger.replayed} replayed")
    note = f"{ledger.replayed} answered again by their keys"
    run.row(kills=kills, findings=findings, note=note, controls=[fresh_keys(run), older_copy(run, server, ledger)])


def fresh_keys(run):
    """Control: clients that retry with a new key. Duplicates must be found."""
    server, ledger = run.server("fresh-keys").register(), Ledger()
    kills, findings = rounds(run, server, ledger, 40, check=False, fresh_keys=True, until=lambda found: found.duplicates)
    return run.control("new keys on retry", len(findings.duplicates), f"duplicates after {kills} kills")


def older_copy(run, server, ledger):
    """Control: an older copy of the database in place of the present one. Loss must be found."""
    copy = f"{server.file}.older"
    shutil.copy(server.file, copy)
    server.start()
    asyncio.run(round_of_load(ledger, server, "older", run.random, least=50))
    for name in ("-wal", "-shm"):
        if os.path.exists(server.file + name):
            os.unlink(server.file + name)
    os.replace(copy, server.file)
    return run.control("an older copy put back", len(ledger.audit(rows_of(server.file)).lost), "lost")
