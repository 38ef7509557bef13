"""A record of what clients sent and the responses: the oracle of all tests here.

A comment is acknowledged when a client has read its 201 to the end. Everything else that was sent is unknown until it
is sent again with the same key. The audit compares this with the rows of the database and with the responses of the
API; it depends on nothing of the server's implementation.
"""

import re
import secrets

from server import ORIGIN, SITE, Broken, opened
from wire import Client, query

MARK = re.compile(r"mark-\d+-[0-9a-f]{8}")

ROWS = "SELECT c.id, c.parent_id, c.status, d.source, t.page_url FROM comments c \
 JOIN comment_details d ON d.site_id = c.site_id AND d.comment_id = c.id \
 JOIN threads t ON t.site_id = c.site_id AND t.id = c.thread_id"

# Invariants of every healthy database, as counts of violations.
PROPERTIES = {
    "threads whose counts are not their rows": "SELECT count(*) FROM threads t WHERE t.total_count <> (SELECT count(*) FROM comments c \
 WHERE c.site_id = t.site_id AND c.thread_id = t.id) OR t.comment_count <> (SELECT count(*) FROM comments c \
 WHERE c.site_id = t.site_id AND c.thread_id = t.id AND c.status = 'approved')",
    "comments whose reply_count is not their replies": "SELECT count(*) FROM comments p WHERE p.reply_count <> (SELECT count(*) \
 FROM comments c WHERE c.site_id = p.site_id AND c.thread_id = p.thread_id AND c.parent_id = p.id AND c.status = 'approved')",
    "comments without details": "SELECT count(*) FROM comments c LEFT JOIN comment_details d \
 ON d.site_id = c.site_id AND d.comment_id = c.id WHERE d.comment_id IS NULL",
    "details without a comment": "SELECT count(*) FROM comment_details d LEFT JOIN comments c \
 ON d.site_id = c.site_id AND d.comment_id = c.id WHERE c.id IS NULL",
    "keys without a comment": "SELECT count(*) FROM post_keys k LEFT JOIN comments c \
 ON k.site_id = c.site_id AND k.comment_id = c.id WHERE c.id IS NULL",
    "replies without a parent, or older than it": "SELECT count(*) FROM comments c LEFT JOIN comments p ON p.site_id = c.site_id \
 AND p.thread_id = c.thread_id AND p.id = c.parent_id WHERE c.parent_id <> 0 AND (p.id IS NULL OR p.id >= c.id)",
}


class Sent:
    """One comment of one client, however often it is sent."""

    def __init__(self, mark, page, parent):
        self.mark, self.page, self.parent = mark, page, parent
        self.key, self.reader = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.id = self.token = None

    def body(self):
        return {
            "page": self.page,
            "title": "On tea",
            "parent": self.parent,
            "key": self.key,
            "reader": self.reader,
            "name": "Ann",
            "text": f"{self.mark} *loose leaf*, always. " + "Steep it slowly. " * 8,
        }


class Findings:
    """The result of an audit; `lost` and `duplicates` are marks."""

    def __init__(self, acknowledged, rows):
        self.acknowledged, self.rows = acknowledged, rows
        self.found, self.unsure, self.lost, self.duplicates, self.wrong = 0, 0, [], [], []

    def demand(self, where):
        """Raises unless every guarantee holds."""
        if self.lost or self.duplicates or self.wrong:
            raise Broken(f"{where}: {self}")
        return self

    def __str__(self):
        return (
            f"{self.acknowledged} acknowledged, {self.found} found, {len(self.lost)} lost {self.lost[:3]}, "
            f"{len(self.duplicates)} duplicates {self.duplicates[:3]}, {len(self.wrong)} wrong {self.wrong[:3]}"
        )


class Ledger:
    """`proxied`: behind a proxy, whose own 502 and 504 say nothing about the server."""

    def __init__(self, proxied=False):
        self.proxied = proxied
        self.sent, self.unknown, self.acknowledged = {}, {}, {}
        self.refused = self.replayed = 0

    def compose(self, page, parent=None):
        one = Sent(f"mark-{len(self.sent)}-{secrets.token_hex(4)}", f"{ORIGIN}{page}", parent)
        self.sent[one.mark] = one
        return one

    def told(self, one, answer):
        """Records a response. True when it acknowledges. Raises on an unexpected response."""
        if answer.status == 201:
            said = answer.json()
            if one.id not in (None, said["comment"]["id"]) or one.token not in (None, said["token"]):
                raise Broken(f"{one.mark} was answered with {one.id} and then with {said['comment']['id']}")
            one.id, one.token = said["comment"]["id"], said["token"]
            self.replayed += said["replayed"]
            self.acknowledged[one.mark] = one
            self.unknown.pop(one.mark, None)
            return True
        if answer.status == 503:
            if "retry-after" not in answer.headers:
                raise Broken("a 503 without Retry-After")
            self.refused += 1
            self.unknown[one.mark] = one
            return False
        if self.proxied and answer.status in (502, 504):
            self.unheard(one)
            return None
        raise Broken(f"{one.mark} was answered {answer.status} {answer.code()}")

    def unheard(self, one):
        """No response came, or it was incomplete."""
        if one.mark not in self.acknowledged:
            self.unknown[one.mark] = one

    def audit(self, rows, above=0):
        """Compares with rows (id, parent, status, source, page) of the database; only above an id if the rows are."""
        findings, by_mark = Findings(len(self.acknowledged), len(rows)), {}
        for row in rows:
            mark = MARK.search(row[3])
            by_mark.setdefault(mark and mark[0], []).append(row)
        for mark, found in by_mark.items():
            if mark not in self.sent:
                findings.wrong.append(f"{mark}: never sent")
            elif len(found) > 1:
                findings.duplicates.append(mark)
            elif mark not in self.acknowledged:
                findings.unsure += 1
        for mark, one in self.acknowledged.items():
            if above and one.id <= above:
                continue
            found = by_mark.get(mark, [])
            findings.found += bool(found)
            if not found:
                findings.lost.append(mark)
            elif (found[0][0], found[0][1], found[0][4]) != (one.id, one.parent or 0, one.page):
                findings.wrong.append(f"{mark}: {found[0][:3]} where {one.id} was acknowledged")
        return findings


def rows_of(file, above=0):
    """The rows of a SQLite database, after its invariants were checked; or, unchecked, those above an id."""
    with opened(file) as database:
        if not above:
            check_properties(lambda sql: database.execute(sql).fetchone()[0])
        return database.execute(f"{ROWS} WHERE c.id > ?", (above,)).fetchall()


def check_properties(count):
    """Raises when `count` (of a statement) finds violations of an invariant."""
    for law, sql in PROPERTIES.items():
        against = count(sql)
        if int(against):
            raise Broken(f"{against} {law}")


async def compare_with_the_api(port, rows, pages, host="127.0.0.1"):
    """Asserts that counts, lists and rows of these pages agree."""
    client = Client(port, host)
    wanted = {page: 0 for page in pages}
    for row in rows:
        if row[4] in wanted and row[2] == "approved":
            wanted[row[4]] += 1
    pages = list(wanted)
    for begin in range(0, len(pages), 50):
        part = pages[begin : begin + 50]
        answer = await client.ask("GET", f"/api/v1/sites/{SITE}/counts?{query(page=part)}")
        if answer.status != 200 or answer.json()["counts"] != [wanted[page] for page in part]:
            raise Broken(f"counts answers {answer.status} {answer.body[:200]}, the rows say {[wanted[page] for page in part]}")
    for page in pages:
        listed, thread = await whole_thread(client, page)
        if not len(set(listed)) == len(listed) == thread["count"] == wanted[page]:
            raise Broken(f"{page}: lists {len(listed)} comments and says {thread['count']}, the rows are {wanted[page]}")
    client.close()


async def whole_thread(client, page):
    """The ids in the order that a reader sees, and the thread's fields."""
    listed, cursor, thread = [], None, None
    while True:
        path = f"/api/v1/sites/{SITE}/thread?{query(page=page, **({'cursor': cursor} if cursor else {}))}"
        view = await read(client, path)
        thread, cursor = thread or view["thread"], view["cursor"]
        for comment in view["comments"]:
            below = [*ids_below(comment)]
            while comment["more"]:
                path = f"/api/v1/sites/{SITE}/comments/{comment['id']}/replies?{query(after=max(below, default=0))}"
                part = await read(client, path)
                below += [reply["id"] for reply in part["comments"]]
                comment["more"] = part["more"]
            listed += [comment["id"], *below]
        if not cursor:
            return listed, thread


async def read(client, path):
    answer = await client.ask("GET", path)
    if answer.status != 200:
        raise Broken(f"GET {path} answered {answer.status} {answer.code()}")
    return answer.json()


def ids_below(comment):
    for reply in comment["replies"]:
        yield reply["id"]
        yield from ids_below(reply)
