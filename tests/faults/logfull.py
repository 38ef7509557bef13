"""A full disk with the log on it, too: no client is cut off, and everything recovers when there is space.

Every request is logged, as JSON, to the small file system of the data. While it is full, posts are refused with 503,
reads continue, /readyz returns 503 and /healthz 200; when it is freed the server recovers automatically, and no line of
its log is torn. A stop while it is full succeeds. Control: a proxy in front of the server that logs each request to the
same disk and drops the request when it cannot.
"""

import asyncio
import json
import os
import signal
import subprocess
import time

from diskfull import Ballast, reads_go_on, small_disk
from forwarder import Forwarder
from ledger import Ledger, compare_with_the_api, rows_of
from load import deliver, settle
from server import ORIGIN, Broken, integrity
from wire import Client

ROOM = 8 * 1024 * 1024


async def posts(target, ledger, count, pages=3):
    """Sends this number of requests on eight connections; returns how many got no response."""
    numbers, cut = iter(range(count)), 0

    async def poster():
        nonlocal cut
        client = Client(target.port, target.host)
        for n in numbers:
            cut += await deliver(ledger, ledger.compose(f"/log/{n % pages}"), client) is None
        client.close()

    await asyncio.gather(*(poster() for _ in range(8)))
    return cut


async def one_round(server, careless, ledger, ballast, count):
    """Returns how many requests the logging proxy cut off."""
    await posts(server, ledger, 20)
    ballast.fill(0)
    began, refused = os.path.getsize(server.log), ledger.refused
    # The database's own log may have space from an earlier round: it is used up first.
    for _ in range(20):
        cut = await posts(server, ledger, count)
        if cut:
            raise Broken(f"the log's disk is full, and {cut} of {count} posts got no answer")
        if ledger.refused - refused >= count // 2:
            break
    else:
        raise Broken(f"only {ledger.refused - refused} of {20 * count} posts were refused on a full disk")
    await reads_go_on(server, [f"{ORIGIN}/log/{n}" for n in range(3)], 10)
    if server.answers("/readyz") or not server.answers("/healthz"):
        raise Broken("on a full disk /readyz must say 503, and /healthz 200")
    if os.path.getsize(server.log) - began > 4096:
        raise Broken("the log was written while its disk was full, so this shows nothing")
    victims = await posts(careless, Ledger(), count)
    # Long enough to notice a thread that died of it.
    await asyncio.sleep(2)
    ballast.free()
    await settle(ledger, server)
    if await posts(server, ledger, 20) or not server.answers("/readyz"):
        raise Broken(f"there is room again, and the server is not well: {server.last_words()}")
    return victims


def torn_lines(file):
    """How many lines the log has, and those that are no JSON."""
    with open(file, errors="replace") as log:
        lines = [line for line in log if line.startswith("{") or "\0" in line or "level" in line]
    torn = []
    for line in lines:
        try:
            json.loads(line)
        except ValueError:
            torn.append(line)
    return len(lines), torn


def whole_lines(file):
    """How many lines the log has; each must be whole. What waited while the disk was full is written a little later."""
    deadline = time.monotonic() + 10
    count, torn = torn_lines(file)
    while torn and time.monotonic() < deadline:
        time.sleep(0.1)
        count, torn = torn_lines(file)
    if torn:
        room = os.statvfs(os.path.dirname(file))
        raise Broken(
            f"a line of the log is torn: {torn[0][:300]!r}, and {len(torn) - 1} more; {room.f_bavail * room.f_frsize} bytes are free"
        )
    return count


def stop_while_full(server, ledger, ballast):
    ballast.fill(0)
    asyncio.run(posts(server, ledger, 20))
    server.signal(signal.SIGTERM)
    try:
        code = server.process.wait(15)
    except subprocess.TimeoutExpired:
        raise Broken("on a full disk it did not stop when it was told to") from None
    if code != 0:
        raise Broken(f"on a full disk it was told to stop and ended with {code}")
    ballast.free()
    # The line that was being written at the end is incomplete.
    os.unlink(server.log)


def test(run):
    folder = small_disk(run, "logfull", ROOM)
    server, ledger, ballast = run.server("logfull/data"), Ledger(), Ballast(folder)
    server.environment |= {"AFTERWORD_LOG": "debug", "AFTERWORD_LOG_FORMAT": "json"}
    server.register().start()
    careless_log = open(f"{folder}/careless.log", "ab", buffering=0)
    run.ends.callback(careless_log.close)
    careless = Forwarder(run, server.port, lambda cable, data: careless_log.write(b"a request came: " + data[:200].hex().encode() + b"\n"))
    rounds, victims, lines = 2 if run.quick else 10, 0, 0
    for n in range(rounds):
        victims += asyncio.run(one_round(server, careless, ledger, ballast, 300 if n == 0 else 100))
        if n % 2 == 0:
            lines += whole_lines(server.log)
            stop_while_full(server, ledger, ballast)
            server.start()
            asyncio.run(settle(ledger, server))
    rows = rows_of(server.file)
    asyncio.run(compare_with_the_api(server.port, rows, [f"{ORIGIN}/log/{n}" for n in range(3)]))
    findings = ledger.audit(rows)
    server.stop()
    lines += whole_lines(server.log)
    integrity(server.file)
    run.row(
        findings=findings,
        note=f"{rounds} times full, {ledger.refused} refusals, none cut off; {lines} lines of the log, all whole",
        controls=[run.control("a program that must log", victims, "cut off")],
    )
