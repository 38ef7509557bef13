"""HTTP as an API client sends it: one connection, one request at a time, and the connection may die.

Never retries automatically: retrying is what the tests are about. ledger.py records requests and responses; load.py has
the crowds of clients.
"""

import asyncio
import contextlib
import json
import urllib.parse

# The errors of a client when a connection dies, or no server is there.
GONE = (OSError, EOFError, asyncio.TimeoutError)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def code(self):
        """The error's code, for messages."""
        try:
            return self.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return self.body[:200].decode(errors="replace")


class Client:
    """One connection to the server at `host`:`port`, opened on first use."""

    def __init__(self, port, host="127.0.0.1", source=None):
        self.host, self.port, self.source = host, port, source
        self.reader = self.writer = None

    async def send(self, method, path, body=None, headers=None, timeout=15):
        """Sends a request and leaves the response to `receive`."""
        async with asyncio.timeout(timeout):
            if self.writer is None:
                local = (self.source, 0) if self.source else None
                self.reader, self.writer = await asyncio.open_connection(self.host, self.port, local_addr=local)
            content = b"" if body is None else json.dumps(body).encode()
            lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
            if body is not None:
                lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
            self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
            await self.writer.drain()

    async def receive(self, timeout=15):
        async with asyncio.timeout(timeout):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(head[0].split()[1]), headers, body)

    async def ask(self, method, path, body=None, headers=None, timeout=15):
        """One request and its response. Raises one of GONE, and then the connection is closed."""
        try:
            await self.send(method, path, body, headers, timeout)
            return await self.receive(timeout)
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.writer is not None:
            with contextlib.suppress(*GONE, RuntimeError):
                self.writer.close()
        self.reader = self.writer = None


def query(**pairs):
    return urllib.parse.urlencode(pairs, doseq=True)
