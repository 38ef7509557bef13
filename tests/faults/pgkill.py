"""PostgreSQL killed during transactions: one backend, or the whole server, under load.

The server under test keeps running: it returns 503 while there is no database, and recovers automatically. Everything
acknowledged is present after the recovery. Control: the same kills with `synchronous_commit=off`.
"""

import asyncio
import contextlib
import os
import signal

from cluster import Cluster
from ledger import Ledger, compare_with_the_api
from load import Crowd, settle
from server import Broken


async def kills(run, server, cluster, ledger, count):
    crowd = Crowd(ledger, server, size=12, path="/pg", pages=8, seed=run.random.random())
    killed = 0
    for n in range(count):
        await crowd.posted(10)
        await asyncio.sleep(run.random.uniform(0, 0.2))
        if n % 2:
            backends = await asyncio.to_thread(cluster.backends)
            with contextlib.suppress(ProcessLookupError):
                os.kill(backends[0], signal.SIGKILL)
                killed += 1
        else:
            cluster.kill()
            killed += 1
            await asyncio.sleep(run.random.uniform(0, 0.5))
            await asyncio.to_thread(cluster.start)
        await crowd.posted(10, patience=30)
    await crowd.stop()
    await settle(ledger, server)
    rows = await asyncio.to_thread(cluster.rows)
    await compare_with_the_api(server.port, rows, crowd.urls())
    return killed, ledger.audit(rows)


async def once(server, cluster, ledger):
    """Control: with a delayed WAL writer, acknowledged commits are not yet written when the server is killed."""
    await asyncio.to_thread(cluster.sql, "CHECKPOINT")
    late = await asyncio.to_thread(cluster.sql, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
    os.kill(int(late), signal.SIGSTOP)
    crowd = Crowd(ledger, server, size=12, path="/off", pages=8, twice=0)
    await crowd.posted(100)
    cluster.kill()
    await crowd.stop()
    await asyncio.to_thread(cluster.start)
    return ledger.audit(await asyncio.to_thread(cluster.rows))


def test(run):
    cluster, ledger = Cluster(run, "pg").create(), Ledger()
    server = run.server("node", database=cluster.url()).register().start()
    killed, findings = asyncio.run(kills(run, server, cluster, ledger, 4 if run.quick else 40))
    server.stop()
    cluster.kill()
    if not ledger.refused and not ledger.replayed:
        raise Broken("no kill was felt: no request was refused, none had to be sent again")
    off = Cluster(run, "pg-off", settings=("synchronous_commit=off", "wal_buffers=8MB")).create()
    careless = run.server("careless", database=off.url()).register().start()
    control = asyncio.run(once(careless, off, Ledger()))
    run.row(
        kills=killed,
        findings=findings,
        note=f"{ledger.refused} refusals with Retry-After, {ledger.replayed} answered again by their keys",
        controls=[run.control("synchronous_commit=off", len(control.lost), "lost")],
    )
