"""Failover from a PostgreSQL primary to its synchronous standby, with traffic on two nodes.

Primary, standby and nodes have a network each. The standby is disconnected from the primary, a moment later the primary
is disconnected from all, then the standby is promoted; the nodes, which have both hosts in their URL, follow. Control:
the same with asynchronous replication.
"""

import asyncio
import time

from cluster import Cluster, Network
from ledger import Ledger, compare_with_the_api
from load import Crowd, settle
from server import ORIGIN, SITE, Broken


def set_up(run, name, number, synchronous):
    net = Network(run, name, number)
    spaces = [f"{name}{part}" for part in ("p", "s", "a", "b")]
    addresses = [net.plug(space) for space in spaces]
    primary = Cluster(run, f"{name}-primary", host=addresses[0], network=spaces[0]).create()
    standby = Cluster(run, f"{name}-standby", host=addresses[1], network=spaces[1])
    standby.port = primary.port
    standby.copy_of(primary)
    # Only now, since it would wait for a standby that does not exist yet; and the standby, once promoted, for none.
    primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{'*' if synchronous else ''}'")
    primary.sql("SELECT pg_reload_conf()")
    nodes = [
        run.server(f"{name}-node-{n}", database=primary.url(standby), host=address, wrapper=["ip", "netns", "exec", space])
        for n, (address, space) in enumerate(zip(addresses[2:], spaces[2:]))
    ]
    wait_for(lambda: primary.sql("SELECT sync_state FROM pg_stat_replication").strip() == ("sync" if synchronous else "async"), "the standby to follow")
    nodes[0].command("site", "add", SITE, "--origin", ORIGIN, wrapper=nodes[0].wrapper)
    for node in nodes:
        node.start()
    return net, spaces, primary, standby, nodes


def wait_for(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise Broken(f"waited too long for {what}")
        time.sleep(0.1)


async def fail_over(run, net, spaces, standby, nodes, ledger, replies):
    """Returns how long writes failed."""
    crowds = [Crowd(ledger, node, size=6, path="/over", pages=6, twice=0, replies=replies, seed=n) for n, node in enumerate(nodes)]
    for crowd in crowds:
        await crowd.posted(60)
    await asyncio.sleep(run.random.uniform(0, 0.2))
    net.cut(spaces[1])
    await asyncio.sleep(0.5)
    net.cut(spaces[0])
    began = time.monotonic()
    net.mend(spaces[1])
    await asyncio.to_thread(standby.sql, "SELECT pg_promote()")
    for crowd in crowds:
        await crowd.posted(30, patience=60)
    away = time.monotonic() - began
    for crowd in crowds:
        await crowd.stop()
    return away


def one(run, name, number, synchronous):
    """One failover; without replies where their parents may be lost."""
    net, spaces, _, standby, nodes = set_up(run, name, number, synchronous)
    ledger = Ledger()
    away = asyncio.run(fail_over(run, net, spaces, standby, nodes, ledger, 0.3 if synchronous else 0))
    findings = ledger.audit(standby.rows())
    if synchronous:
        findings.demand("after the failover")
        asyncio.run(settle(ledger, nodes[0]))
        rows = standby.rows()
        for node in nodes:
            asyncio.run(compare_with_the_api(node.port, rows, [f"{ORIGIN}/over/{n}" for n in range(6)], node.host))
        findings = ledger.audit(rows)
    for node in nodes:
        node.stop()
    return findings, ledger, away


def test(run):
    total, note = [0, 0, 0, 0], ""
    times = 1 if run.quick else 5
    for n in range(times):
        findings, ledger, away = one(run, f"s{n}", 10 + n, True)
        findings.demand("after the failover")
        total = [sum(pair) for pair in zip(total, (findings.acknowledged, findings.found, len(findings.lost), len(findings.duplicates)))]
        note = f"{times} failovers; in the last, writes again on both nodes after {away:.1f} s, {ledger.replayed} answered again by their keys"
    control, _, _ = one(run, "x", 30, False)
    run.row(cuts=2 * times, counts=total, note=note, controls=[run.control("asynchronous replication", len(control.lost), "lost")])
