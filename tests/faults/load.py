"""Many clients at once, each with its own connection, some replying, some sending twice.

They retry as the widget's outbox does: a refused or unanswered comment is sent again with the same key, by each poster
while it runs and later by others (`settle`). `fresh_keys` is the control: retries with a new key.
"""

import asyncio
import contextlib
import random
import secrets

from server import ORIGIN, SITE, Broken
from wire import GONE, Client

POST = f"/api/v1/sites/{SITE}/comments"
HEADERS = {"Origin": ORIGIN}


async def deliver(ledger, one, client, timeout=15):
    """Sends once. True when it was acknowledged, False when refused, None without a response."""
    try:
        answer = await client.ask("POST", POST, one.body(), HEADERS, timeout)
    except GONE:
        ledger.unheard(one)
        return None
    return ledger.told(one, answer)


class Crowd:
    """`size` posters that post to pages below `path` until they are told to stop."""

    def __init__(self, ledger, server, size=16, path="/a", pages=6, twice=0.05, replies=0.3, seed=None):
        self.ledger, self.server, self.path, self.pages, self.twice, self.replies = ledger, server, path, pages, twice, replies
        self.random = random.Random(seed)
        self.stopping, self.most, self.answered, self.tops = asyncio.Event(), None, 0, {}
        self.tasks = [asyncio.create_task(self.poster()) for _ in range(size)]

    def urls(self):
        return [f"{ORIGIN}{self.path}/{n}" for n in range(self.pages)]

    async def poster(self):
        client, one = Client(self.server.port, self.server.host), None
        while not self.stopping.is_set():
            if self.most is not None and self.answered >= self.most:
                break
            one = one or self.compose()
            if self.random.random() < self.twice:
                other = Client(self.server.port, self.server.host)
                done = (await asyncio.gather(deliver(self.ledger, one, client), deliver(self.ledger, one, other)))[0]
                other.close()
            else:
                done = await deliver(self.ledger, one, client)
            if done:
                self.answered += 1
                self.tops.setdefault(one.page, []).append(one.id)
                one = None
            else:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), 0.02)
        client.close()

    def compose(self):
        page = f"{self.path}/{self.random.randrange(self.pages)}"
        parents = self.tops.get(f"{ORIGIN}{page}")
        parent = self.random.choice(parents) if parents and self.random.random() < self.replies else None
        return self.ledger.compose(page, parent)

    async def posted(self, count, patience=60):
        """Waits until `count` more were acknowledged."""
        goal = self.answered + count
        async with asyncio.timeout(patience):
            while self.answered < goal:
                await asyncio.sleep(0.005)
                self.raise_early()

    def raise_early(self):
        for task in self.tasks:
            if task.done() and task.exception():
                raise task.exception()

    async def stop(self):
        self.stopping.set()
        await asyncio.gather(*self.tasks)


async def settle(ledger, server, fresh_keys=False, size=8, patience=30):
    """Sends every unknown comment again, with its own key, until it is acknowledged."""
    waiting = list(ledger.unknown.values())

    async def sender():
        client = Client(server.port, server.host)
        while waiting:
            one = waiting.pop()
            if fresh_keys:
                one.key = secrets.token_urlsafe(24)
            while not await deliver(ledger, one, client):
                await asyncio.sleep(0.05)
        client.close()

    try:
        async with asyncio.timeout(patience):
            await asyncio.gather(*(sender() for _ in range(size)))
    except asyncio.TimeoutError:
        raise Broken(f"{len(ledger.unknown)} comments were still not acknowledged after {patience} s of asking again") from None
