"""Two nodes on one PostgreSQL: a stored comment is visible on the other within a second; a node that is cut off.

Stale: readers of one node, whose response is cached, look for a comment that another node has just acknowledged.
Control: the same with a bound of zero. Cut off: a node that cannot reach the database refuses writes with 503, after a
short time without waiting, shows cached threads for at most a minute, and recovers automatically. Control: the other
node at the same time.
"""

import asyncio
import time

from cluster import Cluster, Network
from ledger import Ledger, compare_with_the_api
from load import deliver, settle
from server import ORIGIN, SITE, Broken
from wire import Client, query

BOUND = 1.0
KEPT = 60


def two_nodes(run):
    data, front = Network(run, "data", 1), Network(run, "front", 2)
    cluster = Cluster(run, "pg", host=data.plug("pg1"), network="pg1").create()
    nodes = []
    for name in ("a", "b"):
        data.plug(f"n{name}")
        within = ["ip", "netns", "exec", f"n{name}"]
        nodes.append(run.server(f"node-{name}", database=cluster.url(), host=front.plug(f"n{name}"), wrapper=within))
    nodes[0].command("site", "add", SITE, "--origin", ORIGIN, wrapper=nodes[0].wrapper)
    for node in nodes:
        node.start()
    return data, cluster, nodes


async def staleness(run, writer, reader, ledger, times):
    """Seconds for which the other node still responded without the acknowledged comment, for each comment."""
    found = []
    here, there = Client(writer.port, writer.host), Client(reader.port, reader.host)
    for n in range(times):
        one = ledger.compose(f"/stale/{n % 9}")
        path = f"/api/v1/sites/{SITE}/thread?{query(page=one.page)}"
        await there.ask("GET", path)
        await asyncio.sleep(run.random.uniform(0, 0.3))
        if not await deliver(ledger, one, here):
            raise Broken("a comment was refused")
        acknowledged = began = time.monotonic()
        blind = 0.0
        while one.mark not in (await there.ask("GET", path)).body.decode():
            blind = began - acknowledged
            if blind > 5 * BOUND:
                raise Broken(f"after {blind:.1f} s the other node does not show the comment")
            await asyncio.sleep(0.01)
            began = time.monotonic()
        found.append(blind)
    here.close()
    there.close()
    return found


async def post(node, ledger, page):
    client = Client(node.port, node.host)
    began = time.monotonic()
    done = await deliver(ledger, ledger.compose(page), client, timeout=20)
    client.close()
    return done, time.monotonic() - began


async def get(node, page, timeout=20):
    client = Client(node.port, node.host)
    answer = await client.ask("GET", f"/api/v1/sites/{SITE}/thread?{query(page=page)}", timeout=timeout)
    client.close()
    return answer


async def cut_off(run, data, nodes, ledger):
    a, b = nodes
    page, unread = f"{ORIGIN}/cut/0", f"{ORIGIN}/cut/unread"
    for _ in range(5):
        await post(b, ledger, "/cut/0")
    kept = (await get(b, page)).body
    data.cut("nb")
    began = time.monotonic()
    first, first_took = await post(b, ledger, "/cut/0")
    quick = [await post(b, ledger, "/cut/0") for _ in range(10)]
    if first is not False or any(done is not False for done, _ in quick):
        raise Broken(f"a node that is cut off answered writes with {first}, {[done for done, _ in quick]} and not with 503")
    slowest = max(took for _, took in quick)
    if slowest > 1:
        raise Broken(f"a node that knows that it is cut off took {slowest:.1f} s to say so")
    if (await get(b, unread)).status != 503 or b.answers("/readyz") or not b.answers():
        raise Broken("a node that is cut off does not say so by 503 for what it has not kept and for /readyz")
    stored = sum([bool((await post(a, ledger, "/cut/0"))[0]) for _ in range(10)])
    served, gone = 0, None
    end = time.monotonic() + 3 if run.quick else began + KEPT + 20
    while time.monotonic() < end:
        answer = await get(b, page)
        if answer.status == 200:
            if answer.body != kept or gone:
                raise Broken("a node that is cut off showed something else than what it kept")
            served = time.monotonic() - began
        elif answer.status == 503 and time.monotonic() - began > KEPT - 10:
            gone = gone or time.monotonic() - began
        else:
            raise Broken(f"a node that is cut off answered a kept thread with {answer.status} after {time.monotonic() - began:.0f} s")
        await asyncio.sleep(0.2)
    if not served:
        raise Broken("a node that is cut off showed nothing of what it keeps")
    if served > KEPT + 2 or (not run.quick and gone is None):
        raise Broken(f"what was kept was shown for {served:.0f} s, and for {KEPT} at the most was promised")
    data.mend("nb")
    began = time.monotonic()
    await settle(ledger, b, patience=30)
    recovered = time.monotonic() - began
    await asyncio.sleep(1)
    if len((await get(b, page)).json()["comments"]) != len((await get(a, page)).json()["comments"]):
        raise Broken("after the cut was mended the two nodes show different threads")
    refused = f"first 503 after {first_took:.1f} s, then within {slowest:.2f} s"
    return stored, f"{refused}; kept answers for {served:.0f} s; writes again {recovered:.1f} s after the cut was mended"


def test(run):
    data, cluster, nodes = two_nodes(run)
    ledger, times = Ledger(), 12 if run.quick else 100
    found = asyncio.run(staleness(run, *nodes, ledger, times))
    found += asyncio.run(staleness(run, *reversed(nodes), ledger, times))
    late = [blind for blind in found if blind > BOUND]
    if late:
        raise Broken(f"{len(late)} of {len(found)} times a comment was not seen by the other node within {BOUND} s: {max(late):.2f} s")
    instant = sum(blind > 0 for blind in found)
    run.row(
        "stale",
        findings=ledger.audit(cluster.rows()),
        note=f"{len(found)} times, unseen for {max(found):.2f} s at the most",
        controls=[run.control("a bound of 0 s", instant, f"of {len(found)} unseen by then")],
    )
    stored, note = asyncio.run(cut_off(run, data, nodes, ledger))
    rows = cluster.rows()
    asyncio.run(compare_with_the_api(nodes[1].port, rows, [f"{ORIGIN}/cut/0"], nodes[1].host))
    control = run.control("the node that was not cut off", stored, "acknowledged")
    run.row("cut off", cuts=1, findings=ledger.audit(rows), note=note, controls=[control])
