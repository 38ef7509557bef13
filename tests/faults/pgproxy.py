"""Two nodes on one PostgreSQL behind nginx: readers and writers reach either, and one is killed under load.

The proxy is docs/proxies/nginx.conf with a second server in its upstream. Seen: a comment posted through the proxy is
shown by both nodes within a second, and sent within six to the live readers of either. Killed: nodes are killed in
turns under load; nothing acknowledged is lost, and reads keep succeeding. Controls: a bound of zero; a proxy with one
node only.
"""

import asyncio
import json
import pathlib
import re
import subprocess
import time

from cluster import Cluster
from ledger import Ledger, compare_with_the_api
from load import Crowd, deliver, settle
from server import ORIGIN, SITE, Broken, free_port
from wire import GONE, Client, query

BOUND = 1.0
TOLD = 6.0
EXAMPLE = pathlib.Path(__file__).parents[2] / "docs/proxies/nginx.conf"


class Proxy:
    """nginx with the documented configuration, in front of these nodes."""

    host = "127.0.0.1"

    def __init__(self, run, name, nodes):
        self.port, folder = free_port(), pathlib.Path(run.scratch, name)
        folder.mkdir()
        site = EXAMPLE.read_text()
        for old, new in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port};"),
            ("    listen [::]:443 ssl;\n", ""),
            ("    server 127.0.0.1:8080;", "\n".join(f"    server 127.0.0.1:{node.port} max_fails=0;" for node in nodes)),
            ("/var/cache/nginx/afterword", f"{folder}/cache"),
        ):
            if old not in site:
                raise Broken(f"{EXAMPLE} has no “{old}” any more; mend this test")
            site = site.replace(old, new)
        site = re.sub(r"    ssl_certificate.*\n", "", site)
        temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file = folder / "nginx.conf"
        file.write_text(
            f"user root; daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;\n"
            f"events {{ }}\nhttp {{\naccess_log off;\n{temporary}\n{site}\n}}\n"
        )
        self.process = subprocess.Popen(["nginx", "-c", str(file)], stdin=subprocess.DEVNULL, stderr=open(folder / "log", "ab"))
        run.ends.callback(self.stop)

    async def ready(self):
        for _ in range(200):
            client = Client(self.port)
            try:
                if (await client.ask("GET", "/healthz")).status == 200:
                    return self
            except GONE:
                await asyncio.sleep(0.05)
            finally:
                client.close()
        raise Broken("nginx does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def thread(page):
    return f"/api/v1/sites/{SITE}/thread?{query(page=page)}"


class Listener:
    """A live reader of a page on one node, and its last event."""

    async def listen(self, node, page):
        self.reader, self.writer = await asyncio.open_connection(node.host, node.port)
        self.writer.write(f"GET /api/v1/sites/{SITE}/live?{query(page=page)} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n".encode())
        return self

    async def hears_of(self, id_, patience):
        """The time until an event names this comment."""
        began = time.monotonic()
        async with asyncio.timeout(patience):
            while True:
                line = (await self.reader.readline()).decode()
                if line.startswith("data:") and id_ in json.loads(line[5:])["newest"]:
                    return time.monotonic() - began

    def close(self):
        self.writer.close()


async def seen(proxy, nodes, ledger, times, heard):
    """Seconds until each node shows what was posted through the proxy, and for some until both have sent the event."""
    shown, told = [], []
    front, ears = Client(proxy.port), [Client(node.port, node.host) for node in nodes]
    for n in range(times):
        one = ledger.compose(f"/seen/{n % 9}")
        for ear in ears:
            await ear.ask("GET", thread(one.page))  # so that each keeps an answer from before
        listeners = [await Listener().listen(node, one.page) for node in nodes if n < heard]
        await asyncio.sleep(0.1)
        if not await deliver(ledger, one, front):
            raise Broken("a comment was refused")
        acknowledged = time.monotonic()
        hearing = [asyncio.create_task(listener.hears_of(one.id, 10)) for listener in listeners]
        for ear in ears:
            blind = 0.0
            while one.mark not in (await ear.ask("GET", thread(one.page))).body.decode():
                blind = time.monotonic() - acknowledged
                if blind > 5 * BOUND:
                    raise Broken(f"after {blind:.1f} s a node does not show the comment")
                await asyncio.sleep(0.01)
            shown.append(blind)
        told += await asyncio.gather(*hearing)
        for listener in listeners:
            listener.close()
    for client in (front, *ears):
        client.close()
    return shown, told


async def readers(proxy, pages, stopping, counts):
    """Reads through the proxy continuously; counts responses and failures."""
    client = Client(proxy.port)
    while not stopping.is_set():
        try:
            answer = await client.ask("GET", thread(pages[len(counts["read"]) % len(pages)]))
            counts["read" if answer.status == 200 else "failed"].append(answer.status)
        except GONE:
            counts["cut"].append(None)
        await asyncio.sleep(0.005)
    client.close()


async def killed_in_turns(run, proxy, nodes, ledger, kills):
    crowd = Crowd(ledger, proxy, size=16, path="/turns", pages=8, seed=run.random.random())
    counts, stopping = {"read": [], "failed": [], "cut": []}, asyncio.Event()
    watching = [asyncio.create_task(readers(proxy, crowd.urls(), stopping, counts)) for _ in range(4)]
    for n in range(kills):
        await crowd.posted(30)
        await asyncio.sleep(run.random.uniform(0, 0.2))
        nodes[n % len(nodes)].kill()
        # The other one serves everything, and the first one comes back.
        await crowd.posted(30, patience=60)
        await asyncio.to_thread(nodes[n % len(nodes)].start)
    await crowd.stop()
    stopping.set()
    await asyncio.gather(*watching)
    await settle(ledger, proxy)
    return crowd, counts


def test(run):
    cluster, ledger = Cluster(run, "pg").create(), Ledger(proxied=True)
    nodes = [run.server(name, database=cluster.url(), environment={"AFTERWORD_TRUSTED_PROXIES": "127.0.0.1"}) for name in ("node-a", "node-b")]
    nodes[0].register()
    for node in nodes:
        node.start()

    proxy = Proxy(run, "proxy", nodes)
    asyncio.run(proxy.ready())
    shown, told = asyncio.run(seen(proxy, nodes, ledger, 12 if run.quick else 100, 2 if run.quick else 20))
    late = [blind for blind in shown if blind > BOUND] + [wait for wait in told if wait > TOLD]
    if late:
        raise Broken(f"{len(late)} of {len(shown)} times a node was later than promised: {max(late):.2f} s")
    run.row(
        "seen",
        findings=ledger.audit(cluster.rows()),
        note=f"{len(shown)} looks, unseen for {max(shown):.2f} s at the most; news on both nodes after {max(told):.2f} s at the most",
        controls=[run.control("a bound of 0 s", sum(blind > 0 for blind in shown), f"of {len(shown)} unseen by then")],
    )

    kills = 4 if run.quick else 40
    crowd, counts = asyncio.run(killed_in_turns(run, proxy, nodes, ledger, kills))
    rows = cluster.rows()
    time.sleep(BOUND)  # what each keeps may be so old
    for node in nodes:
        asyncio.run(compare_with_the_api(node.port, rows, crowd.urls()))
    # A response in progress when its node died may end early: once for each reader and kill.
    if counts["failed"] or len(counts["cut"]) > 4 * kills:
        raise Broken(f"{len(counts['failed'])} of {len(counts['read'])} reads failed while the other node was there: {counts['failed'][:5]}")

    nodes[1].stop()
    lonely = Proxy(run, "lonely", nodes[:1])
    asyncio.run(lonely.ready())
    alone = asyncio.run(control_alone(lonely, nodes[0], crowd.urls()))
    run.row(
        "killed",
        kills=kills,
        findings=ledger.audit(rows),
        note=f"{len(counts['read'])} reads, none failed, {len(counts['cut'])} ended early; {ledger.replayed} posts answered again by their keys",
        controls=[run.control("a proxy that knows one node", alone, "reads failed")],
    )


async def control_alone(proxy, node, pages):
    counts, stopping = {"read": [], "failed": [], "cut": []}, asyncio.Event()
    watching = asyncio.create_task(readers(proxy, pages, stopping, counts))
    await asyncio.sleep(0.3)
    node.kill()
    await asyncio.sleep(0.5)
    stopping.set()
    await watching
    return len(counts["failed"]) + len(counts["cut"])
