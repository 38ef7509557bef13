"""Clients that die after sending and retry from elsewhere: one comment, the same response.

The request is sent in whole or in part, the connection dies at a random moment, and the same comment is sent again on
another connection from another address. A client that got the response sees the comment at once. Another text under the
same key is refused. Control: a retry with a new key creates a second comment.
"""

import asyncio
import json
import secrets
import socket
import struct

from ledger import Ledger, rows_of, whole_thread
from load import HEADERS, POST
from server import Broken, integrity
from wire import Client


async def send_and_die(server, body, part, delay):
    """Sends `part` (0 to 1) of the request, waits, and resets the connection."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    content = json.dumps(body).encode()
    lines = [f"POST {POST} HTTP/1.1", "Host: x", f"Origin: {HEADERS['Origin']}", "Content-Type: application/json", f"Content-Length: {len(content)}"]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
    writer.write(whole[: int(len(whole) * part)])
    await writer.drain()
    await asyncio.sleep(delay)
    if delay < 0.01:
        # Reset instead of closed, as by a phone that leaves the network.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def one_client(run, server, ledger, n, fresh_key=False):
    reader = Client(server.port)
    one = ledger.compose(f"/death/{n % 7}")
    await whole_thread(reader, one.page)  # so that an answer is kept from before
    part = 1 if run.random.random() < 0.8 else run.random.random()
    await send_and_die(server, one.body(), part, run.random.choice((0, 0, 0.001, 0.003, 0.006, 0.03)))
    ledger.unheard(one)
    if fresh_key:
        await asyncio.sleep(0.1)
        one.key = secrets.token_urlsafe(24)
    elsewhere = Client(server.port, source=f"127.0.0.{2 + n % 250}")
    if not ledger.told(one, await elsewhere.ask("POST", POST, one.body(), HEADERS)):
        raise Broken("asking again was refused")
    listed, _ = await whole_thread(reader, one.page)
    if listed.count(one.id) != 1:
        raise Broken(f"a reader sees the comment {listed.count(one.id)} times just after it was acknowledged")
    ledger.told(one, await elsewhere.ask("POST", POST, one.body(), HEADERS))
    changed = await elsewhere.ask("POST", POST, {**one.body(), "text": f"{one.mark} another text"}, HEADERS)
    if (changed.status, changed.code()) != (422, "key_reused"):
        raise Broken(f"another text under the same key was answered {changed.status} {changed.code()}")
    reader.close()
    elsewhere.close()


def run_all(run, server, count, at_once, **how):
    ledger = Ledger()

    async def all_of_them():
        for begin in range(0, count, at_once):
            await asyncio.gather(*(one_client(run, server, ledger, n, **how) for n in range(begin, min(begin + at_once, count))))

    asyncio.run(all_of_them())
    return ledger, ledger.audit(rows_of(server.file))


def test(run):
    server = run.server("clients").register().start()
    count = 100 if run.quick else 1000
    ledger, findings = run_all(run, server, count, 4)
    server.stop()
    integrity(server.file)
    first = ledger.replayed - count  # every client also asks a third time
    if first < count // 10:
        raise Broken(f"only {first} of {count} died after their comment was stored: too few to prove anything")
    naive = run.server("clients-naive").register().start()
    _, control = run_all(run, naive, 40, 4, fresh_key=True)
    naive.stop()
    run.row(
        findings=findings,
        note=f"{count} clients died, {first} of them after their comment was stored",
        controls=[run.control("a new key from elsewhere", len(control.duplicates), "duplicates")],
    )
