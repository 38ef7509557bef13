"""Clock jumps by hours and years, forward and back, at run time and between starts.

Ids stay unique and increase within a thread, also above those of a future clock that was corrected; edit windows follow
the clock; a start with a wrong clock purges nothing; limits recover, since they use elapsed time and not the time of
day; changes by another process are still visible within a second. Control: the same order by the time of day.
"""

import asyncio
import os

from ledger import Ledger, compare_with_the_api, rows_of
from load import HEADERS, POST
from server import SITE, Broken, integrity
from wire import Client, query

LIBRARY = ("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
JUMPS = ("+1h", "+0", "-1h", "+0", "+3y", "+0", "-2y", "+0", "-20y", "+5m", "-5m", "+0")


def library():
    found = [path for path in (LIBRARY[0].format(os.uname().machine), LIBRARY[1]) if os.path.exists(path)]
    if not found:
        raise Broken("libfaketime is missing: install the Debian package 'libfaketime'")
    return found[0]


class Clock:
    """A file with the offset of the server's clock."""

    def __init__(self, run, name):
        self.file = f"{run.folder(name)}.offset"
        self.set("+0")

    def set(self, offset):
        with open(f"{self.file}.new", "w") as file:
            file.write(offset + "\n")
        os.replace(f"{self.file}.new", self.file)

    def environment(self):
        # Only the time of day jumps: the kernel's monotonic clock does not.
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": self.file,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


async def write_some(ledger, server, page, count):
    """Posts one after the other; returns the comments as the server shows them."""
    client, shown, parent = Client(server.port), [], None
    for n in range(count):
        one = ledger.compose(page, parent if n % 2 else None)
        answer = await client.ask("POST", POST, one.body(), HEADERS)
        if not ledger.told(one, answer):
            raise Broken("a comment was refused")
        shown.append(answer.json()["comment"])
        parent = one.id
    client.close()
    return shown


async def edit(server, one, text):
    client = Client(server.port)
    answer = await client.ask("PATCH", f"{POST}/{one.id}", {"text": text}, {**HEADERS, "Authorization": f"Bearer {one.token}"})
    client.close()
    return answer.status


def out_of_order(values):
    return sum(later <= earlier for earlier, later in zip(values, values[1:]))


PATH = f"/api/v1/sites/{SITE}/thread?{query(page=HEADERS['Origin'] + '/clock/kept')}"


async def keep_an_answer(server):
    client = Client(server.port)
    await client.ask("GET", PATH)
    client.close()


async def a_change_is_seen(server, votes):
    """Another process changes the site; a response cached before the jump must be replaced within a second."""
    client = Client(server.port)
    await asyncio.to_thread(server.command, "site", "set", SITE, f"votes={votes}")
    await asyncio.sleep(1.1)
    said = (await client.ask("GET", PATH)).json()["site"]["votes"]
    client.close()
    if said != votes:
        raise Broken(f"a second after another process changed the site, a kept answer still says votes={said}")


def jumps(run, times):
    clock, ledger, shown = Clock(run, "clock"), Ledger(), {}
    server = run.server("clock", environment=clock.environment()).register()
    server.start()
    for n in range(times):
        offset = JUMPS[n % len(JUMPS)]
        asyncio.run(keep_an_answer(server))
        if n % 3 == 2:
            server.kill()
            clock.set(offset)
            server.start()
        else:
            clock.set(offset)
        asyncio.run(a_change_is_seen(server, ("up", "off", "both")[n % 3]))
        for page in ("/clock/0", f"/clock/{1 + n % 2}"):
            shown.setdefault(page, []).extend(asyncio.run(write_some(ledger, server, page, 4)))
    for page, comments in shown.items():
        wrong = out_of_order([comment["id"] for comment in comments])
        if wrong:
            raise Broken(f"{page}: {wrong} of {len(comments)} ids are not above the one before")
    rows = rows_of(server.file)
    asyncio.run(compare_with_the_api(server.port, rows, [f"{HEADERS['Origin']}{page}" for page in shown]))
    server.stop()
    integrity(server.file)
    return ledger.audit(rows), sum(out_of_order([comment["created_at"] for comment in part]) for part in shown.values())


def windows(run):
    """The edit window and the limits under clock jumps."""
    clock = Clock(run, "windows")
    server = run.server("windows", environment={**clock.environment(), "AFTERWORD_LIMITS_POST": "address=3/3s"}).register()
    server.command("site", "set", SITE, "edit_window=900")
    server.start()
    ledger = Ledger()
    asyncio.run(write_some(ledger, server, "/window", 1))
    one = next(iter(ledger.acknowledged.values()))
    seen = []
    for offset, wanted in (("+0", 200), ("+2h", 403), ("+0", 200), ("-2h", 200), ("-2y", 403), ("+2y", 403), ("+0", 200)):
        clock.set(offset)
        status = asyncio.run(edit(server, one, f"{one.mark} edited at {offset}"))
        seen.append(status)
        if status != wanted:
            raise Broken(f"with the clock at {offset}, editing was answered {status} and not {wanted}")
    asyncio.run(limits(clock, server, ledger))
    server.stop()


async def limits(clock, server, ledger):
    client = Client(server.port)

    async def post():
        answer = await client.ask("POST", POST, ledger.compose("/limits").body(), HEADERS)
        return answer

    for offset in ("+0", "-3y", "+3y", "+0"):
        for _ in range(5):
            answer = await post()
        if answer.status != 429 or int(answer.headers["retry-after"]) > 4:
            raise Broken(f"with the clock at {offset}, the limit answered {answer.status} {answer.headers.get('retry-after')}")
        clock.set("-3y" if offset == "+0" else "+0")
        await asyncio.sleep(1.5)
        if (await post()).status != 201:
            raise Broken(f"after the clock jumped from {offset}, the limit did not recover")
        await asyncio.sleep(0.1)
    client.close()


STARTS = ("+40d", "+400d", "+84y", "+240y", "-50y")


def starts(run):
    """Several starts in a row with a wrong clock: nothing is purged, and a key creates one comment."""
    clock, ledger = Clock(run, "starts"), Ledger()
    server = run.server("starts", environment=clock.environment()).register()
    server.start()
    asyncio.run(write_some(ledger, server, "/starts", 2))
    one = next(iter(ledger.acknowledged.values()))
    for offset in STARTS:
        server.kill()
        clock.set(offset)
        server.start()
        asyncio.run(asyncio.sleep(1.5))
    server.kill()
    clock.set("+0")
    server.start()
    asyncio.run(ask_again(server, one))
    server.kill()
    clock.set("+84y")
    server.start()
    asyncio.run(write_some(ledger, server, "/starts", 1))
    server.kill()
    clock.set("+0")
    server.start()
    asyncio.run(write_some(ledger, server, "/starts", 5))
    server.stop()
    return ledger.audit(rows_of(server.file))


async def ask_again(server, one):
    client = Client(server.port)
    answer = await client.ask("POST", POST, one.body(), HEADERS)
    client.close()
    if answer.status != 201 or answer.json()["comment"]["id"] != one.id:
        raise Broken(f"after starts with a wrong clock, the same key was answered {answer.status}")


def test(run):
    times = len(JUMPS) if run.quick else 4 * len(JUMPS)
    findings, by_time = jumps(run, times)
    windows(run)
    starts(run)
    run.row(findings=findings, kills=times // 3, note=f"{times} jumps", controls=[run.control("judged by the time of day", by_time, "out of order")])
