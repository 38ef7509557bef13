"""Blocked writes on PostgreSQL: a missing standby, locks of another program, connections that go silent.

Readers and a moderator continue: each uncached read returns 200 in time. Writes succeed or are refused with 503; with
the missing standby they are refused at once and /readyz fails. Afterwards everything recovers automatically, and
nothing acknowledged is lost. When all connections go silent, reads are refused, too. Control: the same reads by a
server with one connection for everything.
"""

import asyncio
import contextlib
import http.client
import re
import secrets
import subprocess
import time
import urllib.parse

from cluster import Cluster, programs
from forwarder import Forwarder
from ledger import Ledger, compare_with_the_api
from load import deliver, settle
from server import ORIGIN, SITE, Broken
from wire import GONE, Client, query

# A read that takes longer, in seconds, is a failed one. Shorter than a statement waits for a lock.
LATE = 2.5
# How long a block lasts: longer than a writer may be busy until writes are refused at once.
LASTS = 9
# Another name than in the comments: a moderator's name is reserved.
OWNER, PASSWORD = "olive", "a long password"


def tell_kinds_apart(cable, data):
    """Statement timeouts differ by the purpose of a connection."""
    if b"SET statement_timeout = 8000" in data:
        cable.kind = "read"
    elif b"SET statement_timeout = 30000" in data:
        cable.kind = "write"


class Node:
    """A server with its connection to PostgreSQL, and a signed-in moderator."""

    def __init__(self, run, name, cluster, connections):
        self.way = Forwarder(run, cluster.port, tell_kinds_apart)
        database = f"postgres://afterword@127.0.0.1:{self.way.port}/afterword?sslmode=disable"
        self.server = run.server(name, database=database, environment={"AFTERWORD_DATABASE_CONNECTIONS": str(connections)})
        self.cookie = None

    def sign_in(self):
        """The status of signing in."""
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=15)
        connection.request("GET", "/admin/login")
        token = re.search(r'name="form_token" value="([^"]+)"', connection.getresponse().read().decode())[1]
        form = urllib.parse.urlencode({"form_token": token, "name": OWNER, "password": PASSWORD})
        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/admin/login", form, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status == 303:
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        return answer.status

    async def read_on(self, ledger, seconds):
        """Uncached reads by three readers at a time; returns the number of reads, and the failures."""
        pages, failed, count = sorted({one.page for one in ledger.sent.values()}), [], 0
        end = time.monotonic() + seconds

        async def reader():
            nonlocal count
            client = Client(self.server.port)
            while time.monotonic() < end:
                count += 1
                fresh = f"{ORIGIN}/unread/{secrets.token_hex(8)}"
                path, headers = (
                    (f"/api/v1/sites/{SITE}/thread?{query(page=fresh)}", {}),
                    (f"/api/v1/sites/{SITE}/counts?{query(page=[*pages, fresh])}", {}),
                    ("/admin/login", {}),
                    (f"/admin/{SITE}/comments", {"Cookie": self.cookie}),
                    (f"/admin/{SITE}/threads", {"Cookie": self.cookie}),
                )[count % 5]
                began = time.monotonic()
                try:
                    status = (await client.ask("GET", path, headers=headers)).status
                except GONE as error:
                    status = repr(error)
                took = time.monotonic() - began
                if status != 200 or took > LATE:
                    failed.append(f"{path.partition('?')[0]} {status} after {took:.1f} s")
                await asyncio.sleep(0.05)
            client.close()

        await asyncio.gather(*(reader() for _ in range(3)))
        return count, failed

    async def post(self, ledger, page):
        """Whether it was acknowledged, and the time of the response."""
        client, began = Client(self.server.port), time.monotonic()
        done = await deliver(ledger, ledger.compose(page), client, timeout=20)
        client.close()
        if done is None:
            raise Broken(f"a post to {page} got no answer")
        return done, time.monotonic() - began


class Session:
    """Another program that holds a lock in a transaction."""

    def __init__(self, cluster, locking):
        command = [*cluster.prefix(), f"{programs()}/psql", "-X", "-A", "-t", "-q", f"--host={cluster.folder}", f"--port={cluster.port}",
                   "--username=afterword", "--dbname=afterword"]  # fmt: skip
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
        self.process.stdin.write(f"BEGIN;\n{locking};\n\\echo held\n")
        self.process.stdin.flush()
        lines = []
        while "held\n" not in lines:
            lines.append(self.process.stdout.readline())
            if not lines[-1] or "ERROR" in lines[-1]:
                raise Broken(f"psql could not lock: {lines}")

    def end(self):
        self.process.communicate("ROLLBACK;\n\\q\n", timeout=10)


@contextlib.contextmanager
def standby_missing(cluster):
    cluster.sql("ALTER SYSTEM SET synchronous_standby_names = 'gone'")
    cluster.sql("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        cluster.sql("ALTER SYSTEM RESET synchronous_standby_names")
        cluster.sql("SELECT pg_reload_conf()")


@contextlib.contextmanager
def locked(cluster, locking):
    session = Session(cluster, locking)
    try:
        yield
    finally:
        session.end()


@contextlib.contextmanager
def muted(ways, kind):
    if not all(way.mute(kind) or way.mute("write") for way in ways):
        raise Broken(f"no connection that could {kind} went through the forwarder")
    try:
        yield
    finally:
        for way in ways:
            way.unmute()


async def posts_to_one_thread(node, ledger):
    """Four at once; returns when all have responses."""
    return [done for done, _ in await asyncio.gather(*(node.post(ledger, "/stuck") for _ in range(4)))]


async def while_standby_is_missing(node, cluster, ledger):
    """Asserts about writes: none is acknowledged; soon they are refused at once; a killed reader's connection is
    replaced."""
    first = [posts_to_one_thread(node, ledger), *(node.post(ledger, f"/elsewhere/{n}") for n in range(3))]
    killing = asyncio.to_thread(kill_an_idle_connection, cluster)
    one_thread, *elsewhere, _ = await asyncio.gather(*first, killing)
    if any(one_thread) or any(done for done, _ in elsewhere):
        raise Broken("a write was acknowledged that no standby has")
    # Until every write connection is blocked, a free one first waits for the thread's lock.
    for _ in range(8):
        took = max([(await node.post(ledger, "/stuck"))[1] for _ in range(3)])
        if took < 1:
            break
    else:
        raise Broken(f"writes were held up, and refusals still took {took:.1f} s")
    signed_in = await asyncio.to_thread(node.sign_in)
    if signed_in != 503:
        raise Broken(f"signing in, which writes, answered {signed_in}")
    if node.server.answers("/readyz") or not node.server.answers("/healthz"):
        raise Broken("/readyz must say that no write succeeds, and /healthz that the process is well")


def kill_an_idle_connection(cluster):
    time.sleep(2)
    idle = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'afterword' AND state = 'idle' LIMIT 1"
    if cluster.sql(idle).strip() != "t":
        raise Broken("there was no idle connection to kill")


async def while_the_table_is_locked(node, cluster, ledger):
    if any(await posts_to_one_thread(node, ledger)):
        raise Broken("a write was acknowledged though the table was locked")


async def while_a_row_is_locked(node, cluster, ledger):
    """Threads that are not locked work."""
    if any(await posts_to_one_thread(node, ledger)):
        raise Broken("a write was acknowledged though its thread was locked")
    if not (await node.post(ledger, "/elsewhere/0"))[0]:
        raise Broken("a lock of one thread held up another one")


async def while_one_is_mute(node, cluster, ledger):
    """The other write connection works."""
    await posts_to_one_thread(node, ledger)
    if not any([(await node.post(ledger, "/elsewhere/1"))[0] for _ in range(3)]):
        raise Broken("one mute connection held up all writes")


HOLD_UPS = {
    # The cause of the block, the assertion about writes, and the reads that may fail: those on the silent connection.
    "standby": (lambda cluster, ways: standby_missing(cluster), while_standby_is_missing, 0),
    "row": (
        lambda cluster, ways: locked(cluster, f"SELECT 1 FROM threads WHERE page_url = '{ORIGIN}/stuck' FOR UPDATE"),
        while_a_row_is_locked,
        0,
    ),
    "table": (lambda cluster, ways: locked(cluster, "LOCK TABLE comments IN EXCLUSIVE MODE"), while_the_table_is_locked, 0),
    "writer mute": (lambda cluster, ways: muted(ways, "write"), while_one_is_mute, 0),
    "reader mute": (lambda cluster, ways: muted(ways, "read"), while_one_is_mute, 1),
}


async def held_up(nodes, cluster, ledger, hold, writes, may_fail):
    """The successful reads of the node, and the failed reads of the control."""
    node, control = nodes
    with hold(cluster, [one.way for one in nodes]):
        (count, failed), (_, control_failed), *_ = await asyncio.gather(
            node.read_on(ledger, LASTS),
            control.read_on(ledger, LASTS),
            writes(node, cluster, ledger),
            posts_to_one_thread(control, ledger),
        )
    if len(failed) > may_fail:
        raise Broken(f"{len(failed)} of {count} reads failed: {failed[:4]}")
    for one in nodes:
        await works_again(one, ledger)
    return count, len(control_failed)


async def works_again(node, ledger):
    await settle(ledger, node.server)
    done, _ = await node.post(ledger, "/stuck")
    deadline = time.monotonic() + 10
    while not (done and node.server.answers("/readyz")):
        if time.monotonic() > deadline:
            raise Broken(f"the hold-up is over, and the server is not ready: {node.server.last_words()}")
        await asyncio.sleep(0.1)
        done = done or (await node.post(ledger, "/stuck"))[0]


async def kept_thread(node):
    client = Client(node.server.port)
    answer = await client.ask("GET", f"/api/v1/sites/{SITE}/thread?{query(page=f'{ORIGIN}/stuck')}")
    client.close()
    return answer.status, answer.body


async def all_mute(node, ledger):
    """Refused with 503 only; then everything recovers. Returns the number of refused reads."""
    before = await kept_thread(node)
    node.way.mute_all()
    posts = asyncio.create_task(posts_to_one_thread(node, ledger))
    _, failed = await node.read_on(ledger, LASTS)
    if any(await posts):
        raise Broken("a write was acknowledged that never reached PostgreSQL")
    refused = [line for line in failed if " 503 after " in line]
    if len(refused) < len(failed) or not refused:
        raise Broken(f"while PostgreSQL was mute, reads were answered with {failed[:4]}")
    if before[0] != 200 or await kept_thread(node) != before:
        raise Broken("a thread that is kept was not shown while PostgreSQL was mute")
    node.way.unmute()
    await works_again(node, ledger)
    return len(refused)


def test(run):
    cluster, ledger = Cluster(run, "pg").create(), Ledger()
    nodes = Node(run, "node", cluster, 4), Node(run, "lonely", cluster, 1)
    node, control = nodes
    node.server.register()
    subprocess.run([node.server.binary, "admin", "create", OWNER, "--password-stdin"], env=node.server.environment, input=PASSWORD,
                   text=True, check=True, capture_output=True)  # fmt: skip
    for one in nodes:
        one.server.start()
        if one.sign_in() != 303:
            raise Broken("the moderator cannot sign in")
    # The thread under test, and the others.
    for page in ("/stuck", "/elsewhere/0", "/elsewhere/1", "/elsewhere/2"):
        asyncio.run(node.post(ledger, page))
    for name, (hold, writes, may_fail) in HOLD_UPS.items():
        rounds = [asyncio.run(held_up(nodes, cluster, ledger, hold, writes, may_fail)) for _ in range(1 if run.quick else 5)]
        run.row(
            name,
            cuts=len(rounds),
            findings=ledger.audit(cluster.rows()),
            note=f"{sum(count for count, _ in rounds)} reads went on",
            controls=[run.control("one connection for everything", sum(failed for _, failed in rounds), "reads failed")],
        )
    refused = asyncio.run(all_mute(node, ledger))
    rows = cluster.rows()
    pages = sorted({one.page for one in ledger.sent.values()})
    time.sleep(1)  # what each keeps may be so old
    for one in nodes:
        asyncio.run(compare_with_the_api(one.server.port, rows, pages))
    run.row("all mute", cuts=1, findings=ledger.audit(rows), controls=[run.control("reads that need PostgreSQL", refused, "refused")])
