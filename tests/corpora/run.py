#!/usr/bin/env python3
"""Send every line of the attack corpora to a real server and judge what it serves.

usage: run.py CORPORA      (the folder with the *.jsonl files and oracle.py; AFTERWORD_BIN is the binary;
       AFTERWORD_CORPORA_DATABASE an empty PostgreSQL database instead of SQLite)

Each line goes through every field that takes such input: by the API, by the forms of the thread page
and by the moderator's form. What is then served (the API's tree, the thread page, the feed, the
moderator's queue) must be safe by oracle.py, a browser-grade judge that is not ours, and by a
comparison with pages that held nothing hostile. What is stored must be what was written, by the rules
that `as_stored` repeats. No answer may be a 5xx, and every refusal says why in a sentence.
Ends with 1 on any violation.
"""

import base64
import collections
import html
import http.client
import importlib.util
import json
import multiprocessing
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree

import html5lib

from browser import Browser, fields_of, signed_in
from routes import WEIRD, requests

WORKERS = 4
PER_PAGE = 15  # below what one page of a thread, or one feed, holds
OWNER = ("owner", "correct horse battery staple")
ORIGIN = "https://blog.example"
HELD_ORIGIN = "https://held.example"
BODIES = ("html_xss", "html_xss_brs", "html_parse_stress", "markdown_xss", "naughty_strings", "unicode_spoof", "commonmark")
FIELDS = ("name", "website", "email", "title", "page", "page path", "page_id")
FORM_CORPORA = ("html_xss", "markdown_xss", "naughty_strings")  # through forms as well
FORM_FIELDS = ("text", "name", "website")
LIMITS = ("READ", "POST", "EDIT", "VOTE", "PREVIEW", "LOGIN")

# docs/api.md lists them.
ELEMENTS = "p br strong em del code pre blockquote ul ol li a hr".split()
ATTRIBUTES = {"a": {"href", "rel"}, "code": {"class"}, "ol": {"start"}}
VOID = {"br", "hr"}

# The sentences of refusals.
SENTENCE = re.compile(r"[A-Z“].{6,}[.!?]", re.S)

# Characters that change how the surroundings of a name are displayed.
DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


# Lines of unicode_spoof that are accepted as names, with the reason.
HARMLESS_NAMES = {
    "unicode_spoof-e9395b5b5a2b": "U+0D82 is a mark; with nothing to stand on it is dropped, and “wner” is what is stored and shown",
}


class Violation(Exception):
    pass


# ---- the table


class Table:
    """Counts per corpus, field and path; violations are collected by kind, with their first examples."""

    def __init__(self):
        self.lock = threading.Lock()
        self.rows = collections.OrderedDict()
        self.examples = collections.defaultdict(list)
        self.counts = collections.Counter()

    def row(self, corpus, field, path):
        return self.rows.setdefault((corpus, field, path), collections.Counter())

    def answer(self, corpus, field, path, status, code):
        with self.lock:
            row = self.row(corpus, field, path)
            row["lines"] += 1
            if 200 <= status < 300 or status == 303:
                row["stored"] += 1
            elif 400 <= status < 500:
                row["4xx"] += 1
                row[f"code {code}"] += 1
            else:
                row["5xx"] += 1

    def judged(self, corpus, field, path, unsafe):
        with self.lock:
            row = self.row(corpus, field, path)
            row["judged"] += 1
            row["unsafe"] += bool(unsafe)

    def violation(self, kind, what):
        with self.lock:
            self.counts[kind] += 1
            if len(self.examples[kind]) < 5:
                self.examples[kind].append(str(what)[:400])

    def show(self):
        print(f"{'corpus':<18}{'field':<12}{'path':<22}{'lines':>6}{'stored':>7}{'4xx':>6}{'5xx':>5}{'judged':>8}{'unsafe':>7}  refused by")
        for (corpus, field, path), row in sorted(self.rows.items()):
            codes = ", ".join(f"{key[5:]} {count}" for key, count in row.most_common() if key.startswith("code "))
            numbers = "".join(f"{row[key]:>{width}}" for key, width in (("lines", 6), ("stored", 7), ("4xx", 6), ("5xx", 5), ("judged", 8), ("unsafe", 7)))
            print(f"{corpus:<18}{field:<12}{path:<22}{numbers}  {codes}")


# ---- the tree


def tree_to_html(nodes):
    """HTML of a body from the API; raises on anything that docs/api.md does not list."""
    if not isinstance(nodes, list):
        raise Violation(f"a body is not a list: {nodes!r}")
    return "".join(node_to_html(node) for node in nodes)


def node_to_html(node):
    if isinstance(node, str):
        return html.escape(node, quote=False)
    if not isinstance(node, list) or len(node) < 2 or not isinstance(node[0], str) or not isinstance(node[1], dict):
        raise Violation(f"neither a text nor an element: {node!r}")
    name, attributes, children = node[0], node[1], node[2:]
    if name not in ELEMENTS:
        raise Violation(f"element {name!r}")
    written = ""
    for key, value in attributes.items():
        if key not in ATTRIBUTES.get(name, ()):
            raise Violation(f"attribute {key!r} on {name!r}")
        if key == "start":
            if not re.fullmatch(r"\d{1,9}", str(value)):
                raise Violation(f"start={value!r}")
        elif not isinstance(value, str):
            raise Violation(f"{key}={value!r}")
        elif key == "href" and not re.match(r"(https?://|mailto:)", value, re.I):
            raise Violation(f"href={value!r}")
        elif key == "class" and not re.fullmatch(r"language-[\w.+#-]+", value):
            raise Violation(f"class={value!r}")
        written += f' {key}="{html.escape(str(value))}"'
    if name == "a" and "href" in attributes and not {"nofollow", "noopener"} <= set(attributes.get("rel", "").split()):
        raise Violation(f"a link without nofollow and noopener: {attributes!r}")
    if name in VOID:
        if children:
            raise Violation(f"children of {name!r}")
        return f"<{name}{written}>"
    # The parser drops a line break at the start of pre.
    inner = tree_to_html(children)
    if name == "pre" and inner.startswith("\n"):
        inner = "\n" + inner
    return f"<{name}{written}>{inner}</{name}>"


# ---- the server


class Server:
    def __init__(self, binary, folder):
        self.binary = os.path.abspath(binary)
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "AFTERWORD_LISTEN": f"127.0.0.1:{self.port}",
            "AFTERWORD_DATA": folder,
            "AFTERWORD_DATABASE": os.environ.get("AFTERWORD_CORPORA_DATABASE", "afterword.db"),
            "AFTERWORD_BASE_URL": self.base,
            **{f"AFTERWORD_LIMITS_{name}": "off" for name in LIMITS},
        }
        self.local = threading.local()
        self.silent = []  # refusals without a sentence

    def command(self, *arguments, stdin=""):
        result = subprocess.run(
            [self.binary, *arguments], input=stdin, env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=60
        )
        if result.returncode:
            raise SystemExit(f"afterword {' '.join(arguments)} ended with {result.returncode}:\n{result.stdout}{result.stderr}")

    def serve(self):
        self.log = open(os.path.join(self.folder, "server.log"), "wb")
        self.process = subprocess.Popen([self.binary, "serve"], env=self.env, cwd=self.folder, stdout=self.log, stderr=self.log)
        for _ in range(400):
            try:
                if self.request("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.025)
        raise SystemExit(f"the server did not start:\n{self.read_log()}")

    def read_log(self):
        self.log.flush()
        with open(self.log.name, errors="replace") as log:
            return log.read()[-4000:]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def alive(self):
        try:
            return self.process.poll() is None and self.request("GET", "/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def request(self, method, path, body=None, headers=None):
        """One request on this thread's own connection; repeated once if the server had closed it."""
        for attempt in (1, 2):
            fresh = getattr(self.local, "connection", None) is None
            if fresh:
                self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                self.local.connection.connect()
                self.local.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = self.local.connection
            try:
                connection.request(method, path, body, headers or {})
                answer = connection.getresponse()
                content = answer.read()
                if answer.will_close:
                    connection.close()
                    self.local.connection = None
                return answer.status, answer.headers, content
            except (http.client.HTTPException, OSError):
                connection.close()
                self.local.connection = None
                if fresh or attempt == 2:
                    raise

    def api(self, method, site, route, fields=None, raw=None, token=None, origin=ORIGIN):
        """(status, the JSON, the error's code)"""
        headers = {"Origin": origin}
        if fields is not None or raw is not None:
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = raw if raw is not None else json.dumps(fields).encode("ascii") if fields is not None else None
        status, _, content = self.request(method, f"/api/v1/sites/{site}{route}", body, headers)
        try:
            answer = json.loads(content)
        except ValueError:
            return status, None, "not JSON"
        code = answer.get("error", {}).get("code", "?") if isinstance(answer, dict) and status >= 400 else None
        if status >= 400 and not SENTENCE.fullmatch(str(answer["error"].get("message"))):
            self.silent.append(f"{status} {code} by {method} {route}: {answer['error'].get('message')!r}")
        return status, answer, code


def comment(page, text="A harmless text.", **fields):
    return {"page": page, "title": "An article", "key": str(uuid.uuid4()), "name": "Ann", "text": text, **fields}


def each(jobs, work):
    """Calls `work(job)` for every job on a few threads."""
    waiting = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    failed = []

    def run():
        while not failed:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(job)
            except Exception as error:  # shown below, by the thread that waits
                failed.append((job, error))

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        job, error = failed[0]
        raise RuntimeError(f"at {str(job)[:300]}: {error!r}") from error


# ---- judging, in separate processes

oracle = None


def ready_to_judge(folder):
    # When the pool terminates it, a judge just ends.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    load_oracle(folder)


def load_oracle(folder):
    global oracle
    sys.setrecursionlimit(20000)
    specification = importlib.util.spec_from_file_location("oracle", os.path.join(folder, "oracle.py"))
    oracle = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(oracle)


def judge(fragment):
    return oracle.judge(fragment)


def vocabulary(page):
    """The structure of a whole page, as a browser parses it: elements with attributes, and schemes of addresses."""
    return vocabulary_of(html5lib.parse(page, treebuilder="etree"))


def vocabulary_of(tree):
    found = set()
    for element in tree.iter():
        if not isinstance(element.tag, str):
            found.add(("comment", ""))
            continue
        name = re.sub(r"^\{http://www.w3.org/1999/xhtml\}", "", element.tag)
        found.add((name, ""))
        if name == "script" and (element.text or "").strip():
            # Structured data is text for search engines, if it is JSON; other scripts are files.
            try:
                data = json.loads(element.text) if element.get("type") == "application/ld+json" else None
            except ValueError:
                data = None
            found.add((name, "of structured data" if data else "inline"))
        for key, value in element.attrib.items():
            key = re.sub(r"^\{[^}]*\}", "", key).lower()
            # data-… and aria-… contain text only.
            found.add((name, "data-" if key.startswith("data-") else key))
            if key in oracle.URL_ATTR:
                scheme = oracle.scheme(value)
                if scheme not in (None, "http", "https", "mailto"):
                    found.add((name, f"{key} of scheme {scheme}"))
    return found


def facts(page):
    """The structure of a page, and the values of its form fields."""
    tree = html5lib.parse(page, treebuilder="etree")
    return vocabulary_of(tree), fields_of(tree)


def in_a_field(text, area):
    """The value of a text after it is typed into a field, sent, and shown again."""
    escaped = html.escape(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    # Single-line fields lose line breaks, text areas have them as \n.
    shown = f"<textarea name=x>\n{escaped}</textarea>" if area else f'<input name=x value="{escaped}">'
    return fields_of(html5lib.parse(shown, treebuilder="etree"))["x"]


COMMENT_VOCABULARY = {(name, "") for name in ELEMENTS} | {(name, key) for name, keys in ATTRIBUTES.items() for key in keys}


class Judge:
    """Collects the served pages, and judges each different text once."""

    def __init__(self, corpora, table):
        self.table = table
        self.fragments = collections.defaultdict(list)
        self.pages = []
        self.pool = multiprocessing.Pool(max(1, min(2, os.cpu_count() or 1)), ready_to_judge, (corpora,))

    def fragment(self, corpus, field, path, text, line):
        self.fragments[text].append((corpus, field, path, line))

    def page(self, corpus, field, path, text, known, typed=None, line=""):
        """`typed`: the expected values of its form's fields."""
        self.pages.append((corpus, field, path, text, known, typed or {}, line))

    def finish(self):
        texts = list(self.fragments)
        for text, unsafe in zip(texts, self.pool.imap(judge, texts, 64)):
            for corpus, field, path, line in self.fragments[text]:
                self.table.judged(corpus, field, path, unsafe)
                if unsafe:
                    self.table.violation(f"unsafe by {path}", f"{line}: {unsafe} in {text!r}")
        for (corpus, field, path, text, known, typed, line), (found, filled) in zip(
            self.pages, self.pool.imap(facts, [page[3] for page in self.pages], 4)
        ):
            new = found - known - COMMENT_VOCABULARY
            self.table.judged(corpus, field, path, new)
            if new:
                self.table.violation(f"new on a page by {path}", f"{corpus} {field} {line}: {sorted(new)}")
            for name, value in typed.items():
                if filled.get(name) != in_a_field(value, name == "text"):
                    self.table.violation(f"not as typed by {path}", f"{line}: {name} {value!r} became {filled.get(name)!r}")
        self.pool.close()
        self.pool.join()


ARTICLE = re.compile(r'<article\b[^>]*\bid="(?:comment|item)-(\d+)"')
BODY = re.compile(r'<div class="comment-body"[^>]*>(.*?)</div>', re.S)
PREVIEW = re.compile(r'<section class="preview".*?<div class="comment-body"[^>]*>(.*?)</div>', re.S)
REFUSAL = re.compile(r'<p\b[^>]*class="(?:error|notice bad)"[^>]*>(.*?)</p>', re.S)


def bodies_of(page):
    """The raw HTML of each comment's body on one of our pages, by the comment's id."""
    found = {}
    starts = [(match.start(), int(match[1])) for match in ARTICLE.finditer(page)]
    for (start, id_), (end, _) in zip(starts, starts[1:] + [(len(page), 0)]):
        body = BODY.search(page, start, end)
        if body:
            # A body contains no element of its container's kind, so its first end tag ends it.
            found[id_] = body[1]
    return found


def as_stored(text):
    """A comment's text by the rules of src/model/text: cleaned, without leading blank lines and trailing white
    space."""
    kept, stacking, marks, full = [], 0, 0, False
    for c in text.replace("\r\n", "\n").replace("\r", "\n"):
        if unicodedata.category(c) == "Cc" and c not in "\n\t" or c in "\ufffe\uffff" or re.match("[\u202a-\u202e\u2066-\u2069]", c):
            continue
        if unicodedata.category(c).startswith("M"):
            marks, stacking = marks + 1, stacking + (unicodedata.combining(c) != 0)
            full = full or marks > 16 or stacking > 8
            if full:
                continue
        else:
            stacking, marks, full = 0, 0, False
        kept.append(c)
    text = "".join(kept).rstrip()
    ink = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, ink) + 1 :]


ATOM = "{http://www.w3.org/2005/Atom}"


def entries_of(feed):
    """(content as HTML, title, author) of each entry; raises on XML that is not well formed."""
    root = ElementTree.fromstring(feed)
    for element in root.iter():
        if not element.tag.startswith(ATOM) or not re.match("https?:", element.get("href", "https:")):
            raise Violation(f"not of a feed: {element.tag} {element.attrib}")
    for entry in root.iter(f"{ATOM}entry"):
        content = entry.find(f"{ATOM}content")
        if content is None:
            content = entry.find(f"{ATOM}summary")
        if content is None or content.get("type") not in ("html", "text", None):
            raise Violation(f"an entry whose content is not HTML: {ElementTree.tostring(entry)[:200]!r}")
        text = content.text or ""
        yield html.escape(text) if content.get("type") != "html" else text


# ---- the run


class Run:
    def __init__(self, server, corpora, table, judge_):
        self.server, self.corpora, self.table, self.judge = server, corpora, table, judge_
        self.lines = {name: self.read(name) for name in BODIES}
        self.threads = collections.defaultdict(dict)  # (corpus, field, how it came, page) → id → line
        self.held_ids = set()
        self.known, self.known_admin = set(), set()  # what harmless pages are made of
        self.local = threading.local()
        self.owned = []
        self.lock = threading.Lock()

    def read(self, name):
        with open(os.path.join(self.corpora, f"{name}.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        for line in lines:
            line["bytes"] = base64.b64decode(line["input_b64"]) if "input_b64" in line else line["input"].encode("utf-8", "surrogatepass")
        return lines

    def note(self, corpus, field, path, status, code, line):
        self.table.answer(corpus, field, path, status, code)
        if status != 303 and not (200 <= status < 300 or 400 <= status < 500) or code in ("not JSON", "?"):
            self.table.violation("an answer that may not be", f"{status} {code}: {corpus} {field} by {path}, {line['id']}")

    def remember(self, corpus, field, how, page, id_, line):
        with self.lock:
            self.threads[corpus, field, how, page][id_] = line["id"]

    def check_tree(self, corpus, field, path, body, line):
        try:
            text = tree_to_html(body)
        except Violation as violation:
            self.table.judged(corpus, field, path, True)
            self.table.violation("outside the documented tree", f"{line}: {violation}")
        else:
            self.judge.fragment(corpus, field, path, text, line)

    # -- sending

    def bodies(self):
        jobs = [(corpus, n, line) for corpus, lines in self.lines.items() for n, line in enumerate(lines)]
        each(jobs, self.body)

    def body(self, job):
        corpus, n, line = job
        text = line["input"]
        # Raw, as a new comment; inside Markdown, as an edit of a harmless one.
        page = f"{ORIGIN}/{corpus}/text/{n // PER_PAGE}"
        status, answer, code = self.server.api("POST", "blog", "/comments", comment(page, text))
        self.note(corpus, "text", "POST", status, code, line)
        if status == 201:
            self.remember(corpus, "text", "", page, answer["comment"]["id"], line)
            self.check_tree(corpus, "text", "POST", answer["comment"]["body"], line["id"])
            self.owned.append((corpus, line, {"id": answer["comment"]["id"], "token": answer["token"]}))

        wrapped = ["> " + text, "- *a* " + text, f"[a]({text})", f"**{text}** `b`"][n % 4]
        page = f"{ORIGIN}/{corpus}/edit/{n // PER_PAGE}"
        status, answer, code = self.server.api("POST", "blog", "/comments", comment(page))
        if status != 201:
            self.table.violation("a harmless comment refused", f"{status} {code}")
            return
        id_, token = answer["comment"]["id"], answer["token"]
        status, answer, code = self.server.api("PATCH", "blog", f"/comments/{id_}", {"text": wrapped}, token=token)
        self.note(corpus, "text", "PATCH", status, code, line)
        if status == 200:
            self.remember(corpus, "text", ", edited", page, answer["comment"]["id"], line)

        status, answer, code = self.server.api("POST", "blog", "/preview", {"text": text})
        self.note(corpus, "text", "preview", status, code, line)
        if status == 200:
            self.check_tree(corpus, "text", "preview", answer["body"], line["id"])

    def fields(self):
        jobs = [(corpus, n, line, field) for corpus, lines in self.lines.items() for n, line in enumerate(lines) for field in FIELDS]
        for corpus in ("mail_fields", "ssrf_hosts"):
            for n, line in enumerate(self.read(corpus)):
                named = re.search(r"in the (e-mail|name|page-title) field", line.get("title", ""))
                chosen = {"email", {"e-mail": "email", "name": "name", "page-title": "title"}[named[1]]} if named else {"page", "website"}
                jobs += [(corpus, n, line, field) for field in sorted(chosen)]
        each(jobs, self.field)

    def field(self, job):
        corpus, n, line, field = job
        text = line["input"]
        page = f"{ORIGIN}/{corpus}/{field}/{n // PER_PAGE}"
        changed = {field: text}
        if field == "title":
            page = f"{ORIGIN}/{corpus}/{field}/{n}"  # only the first comment's title is kept
        elif field == "page":
            page = text
        elif field == "page path":
            page = f"{ORIGIN}/{text}"
            changed = {}
        status, answer, code = self.server.api("POST", "blog", "/comments", {**comment(page), **changed})
        self.note(corpus, field, "POST", status, code, line)
        if status != 201:
            return
        author = answer["comment"]["author"]
        if field == "name" and DIRECTION.search(author["name"] or ""):
            self.table.violation("a name that changes direction", f"{line['id']}: {author['name']!r}")
        if corpus == "unicode_spoof" and field == "name":
            self.spoofed(line, author["name"])
        if corpus == "mail_fields" and field == "email" and not re.fullmatch(r"[^\s<>,;:\"()\[\]\\]+@[^\s<>,;:\"()@]+", text.strip()):
            self.table.violation("more than one recipient", f"{line['id']}: {text!r}")
        if corpus == "ssrf_hosts" and field == "page":
            self.table.violation("a page of no site", f"{line['id']}: {text!r}")
        if field == "website" and author["website"] and not re.match(r"https?://", author["website"]):
            self.table.violation("a website of another scheme", f"{line['id']}: {author['website']!r}")
        if field in ("name", "website", "email"):
            self.remember(corpus, field, "", page, answer["comment"]["id"], line)
        elif n % 8 == 0 and field != "page_id":  # a thread each: a part of them is read again
            self.remember(corpus, field, "", page, answer["comment"]["id"], line)

    def spoofed(self, line, name):
        """What an accepted name must not be or contain."""
        if line["attack"] == "blank":
            self.table.violation("a name without ink", f"{line['id']}: {name!r}")
        if line["attack"] in ("homograph", "invisible") and line["id"] not in HARMLESS_NAMES:
            self.table.violation("a reserved name in disguise", f"{line['id']} {line['title']}: {name!r}")
        if re.search("[\u0000-\u001f\u007f-\u009f\u200b\u2028\u2029\u2060\ufeff]", name):
            self.table.violation("a name with a control", f"{line['id']}: {name!r}")
        if re.search("[\u0300-\u036f]{5}", name):
            self.table.violation("a name that leaves its line", f"{line['id']}: {name!r}")

    def held(self):
        """All texts, and a part of all names, websites and titles, for the moderator's queue."""
        jobs = [(corpus, n, line) for corpus, lines in self.lines.items() for n, line in enumerate(lines)]

        def post(corpus, field, page, line):
            fields = {**comment(page), field: line["input"]}
            status, answer, code = self.server.api("POST", "held", "/comments", fields, origin=HELD_ORIGIN)
            self.note(corpus, field, "POST, held", status, code, line)
            if status == 201:
                with self.lock:
                    self.held_ids.add(answer["comment"]["id"])

        def hold(job):
            corpus, n, line = job
            post(corpus, "text", f"{HELD_ORIGIN}/{corpus}", line)
            for field in ("name", "title", "website", "email") if n % 12 == 0 else ():
                post(corpus, field, f"{HELD_ORIGIN}/{corpus}/{line['id']}", line)

        each(jobs, hold)
        print(f"held: every text, one of 12 names, websites, e-mail addresses and titles: {len(self.held_ids)} comments wait")

    # -- forms

    def browser(self):
        """This worker's browser, with the cookie and the token of the thread page."""
        if getattr(self.local, "browser", None) is None:
            browser = Browser(self.server)
            fields = browser.form("/thread/blog?" + urllib.parse.urlencode({"page": f"{ORIGIN}/empty"}), "/post")
            self.local.browser = browser, fields["form_token"]
        return self.local.browser

    def form_jobs(self):
        return [(corpus, n, line, field) for corpus in FORM_CORPORA for n, line in enumerate(self.lines[corpus]) for field in FORM_FIELDS]

    def forms(self):
        """The thread page's form: posted, previewed, and shown again when it is refused."""
        print("forms: of the pages that refuse a name or a website, one of four is judged as a whole; every other page is")
        each(self.form_jobs(), self.form)

    def form(self, job):
        corpus, n, line, field = job
        browser, token = self.browser()
        page = f"{ORIGIN}/{corpus}/form-{field}/{n // PER_PAGE}"
        typed = {"text": "A harmless text.", "name": "Ann", "email": "", "website": "", field: line["input"]}
        fields = {"form_token": token, "page": page, "title": "An article", "parent": "", "key": str(uuid.uuid4())} | typed
        status, headers, text = browser.send("POST", "/thread/blog/post", fields | {"action": "post"})
        self.answered(corpus, field, "form", status, text, line, typed, self.known)
        if status == 303:
            id_ = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)["id"][0]
            self.remember(corpus, field, ", by form", page, int(id_), line)
        if field == "text":
            status, _, text = browser.send("POST", "/thread/blog/post", fields | {"page": f"{ORIGIN}/empty", "action": "preview"})
            if status != 200:
                self.answered(corpus, field, "form preview", status, text, line, typed, self.known)
                return
            self.note(corpus, field, "form preview", status, None, line)
            self.judge.page(corpus, field, "form preview", text, self.known, typed, line["id"])
            shown = PREVIEW.search(text)
            if shown:
                self.judge.fragment(corpus, field, "form preview", shown[1], line["id"])
            else:
                self.table.violation("a preview that shows nothing", line["id"])

    def answered(self, corpus, field, path, status, text, line, typed, known):
        """Counts the result of a form; a refusal has a sentence and everything that was typed."""
        refusal = REFUSAL.search(text)
        said = re.sub("<[^>]*>", "", refusal[1]).strip() if refusal and status != 303 else ""
        self.note(corpus, field, path, status, status, line)
        if status != 303:
            if not SENTENCE.search(html.unescape(said)):
                self.table.violation("a form refused without a word", f"{status} by {path}, {line['id']}: {said!r}")
            # Most names and websites are refused, with pages that differ only in them: one of four is judged.
            if field == "text" or int(line["id"][-1], 16) % 4 == 0:
                self.judge.page(corpus, field, path + ", refused", text, known, typed, line["id"])

    def moderator(self):
        """The moderator's form changes a comment to the line."""
        each(self.form_jobs(), self.moderated)

    def moderated(self, job):
        corpus, n, line, field = job
        page = f"{ORIGIN}/{corpus}/moderated-{field}/{n // PER_PAGE}"
        status, answer, code = self.server.api("POST", "blog", "/comments", comment(page))
        if status != 201:
            self.table.violation("a harmless comment refused", f"{status} {code}")
            return
        id_ = answer["comment"]["id"]
        path = f"/admin/blog/comments/{id_}/edit"
        typed = {"text": "A harmless text.", "name": "Ann", "website": "", field: line["input"]}
        # As in the form: the version that the moderator saw.
        looked_at = {"form_token": self.admin_token, "version": str(answer["comment"]["version"])}
        status, _, text = self.admin.send("POST", path, looked_at | typed)
        self.answered(corpus, field, "moderator", status, text, line, typed, self.known_admin)
        if status == 303:
            self.remember(corpus, field, ", by moderator", page, id_, line)
            if n % 4 == 0:
                status, _, text = self.admin.send("GET", path)
                stored = {"text": as_stored(line["input"])} if field == "text" else {}
                self.judge.page(corpus, field, "moderator's form", text, self.known_admin, stored, line["id"])

    def json_bodies(self):
        post = self.server.api("POST", "blog", "/comments", comment(f"{ORIGIN}/json"))[1]
        routes = [
            ("POST", "/comments", None),
            ("PATCH", f"/comments/{post['comment']['id']}", post["token"]),
            ("PUT", f"/comments/{post['comment']['id']}/vote", None),
            ("POST", "/preview", None),
            ("POST", "/own", None),
        ]

        def send(job):
            line, (method, route, token) = job
            began = time.monotonic()
            status, _, code = self.server.api(method, "blog", route, raw=line["bytes"], token=token)
            self.note("json_bodies", "body", f"{method} {route.split('/')[-1] if not route[-1].isdigit() else 'one'}", status, code, line)
            if line["expect"].startswith("invalid") and status not in (400, 413):
                self.table.violation("invalid JSON taken", f"{line['id']} {line['title']}: {status} {code} by {route}")
            if status < 300 and not isinstance(json.loads(line["bytes"]), dict):
                self.table.violation("no object, yet taken", f"{line['id']} {line['title']}: {status} by {route}")
            if time.monotonic() - began > 5:
                self.table.violation("a body that hangs", line["id"])

        each([(line, route) for line in self.read("json_bodies") for route in routes], send)

    def urls(self):
        """Every spelling of an address is the same thread."""
        same = collections.defaultdict(dict)
        lines = self.read("urls")

        def send(line):
            text = line["input"]
            for field in ("website", "page"):
                site = "urls" if field == "page" else "blog"
                page = text if field == "page" else f"{ORIGIN}/urls/website"
                fields = comment(page) if field == "page" else {**comment(page), "website": text}
                origin = ORIGIN
                status, answer, code = self.server.api("POST", site, "/comments", fields, origin=origin)
                self.note("urls", field, "POST", status, code, line)
                absolute = "base" not in line or re.match(r"(?i)https?://", text)
                if status == 201 and line["failure"] and absolute and text.strip():
                    self.table.violation("no address, yet taken", f"{line['id']} as {field}: {text!r}")
                if field == "page" and status == 201 and absolute and not line["failure"]:
                    route = "/thread?" + urllib.parse.urlencode({"page": text})
                    status, answer, code = self.server.api("GET", site, route)
                    if status != 200 or not answer["thread"]["id"]:
                        self.table.violation("a page that took a comment has no thread", f"{line['id']}: {status} {code} {text!r}")
                    else:
                        with self.lock:
                            same[line["href"]][text] = answer["thread"]["id"]

        each(lines, send)
        for href, threads in same.items():
            if len(set(threads.values())) > 1:
                self.table.violation("one address, two threads", f"{href}: {threads}")
        print(f"urls: {sum(map(len, same.values()))} addresses in {len(same)} threads")
        if not same:
            self.table.violation("control", "no address of urls.jsonl was taken, so none was compared")

    def url_origins(self):
        """The http and https origins of urls.jsonl."""
        found = {ORIGIN}
        for line in self.read("urls"):
            parts = urllib.parse.urlsplit(line.get("href") or "")
            if parts.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9][a-z0-9.-]*(:\d+)?", parts.netloc):
                found.add(f"{parts.scheme}://{parts.netloc}")
        return sorted(found)

    def raw_http(self):
        host = f"127.0.0.1:{self.server.port}"
        api = "api/v1/sites/blog/comments"
        for line in self.read("raw_http"):
            sent = line["bytes"].replace(b"{HOST}", host.encode()).replace(b"{API}", api.encode())
            began = time.monotonic()
            answer = b""
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=4) as connection:
                try:
                    connection.sendall(sent)
                    # As a client that expects one response: it sends nothing more.
                    while len(answer) < 1 << 20:
                        got = connection.recv(65536)
                        if not got:
                            break
                        answer += got
                        head, _, rest = answer.partition(b"\r\n\r\n")
                        length = re.search(rb"(?i)content-length: *(\d+)", head)
                        if rest is not None and length and len(rest) >= int(length[1]):
                            break
                except OSError:
                    pass
            match = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
            status = int(match[1]) if match else 0
            expect = line["expect"]
            took = time.monotonic() - began
            wrong = None
            if status >= 500:
                wrong = "a fault of the server"
            elif b"evil.example" in answer:
                wrong = "a link to another host"
            elif expect.startswith("413") and (status != 413 or took > 2):
                wrong = "not refused at once"
            elif re.match(r"(4\d\d(/4\d\d)?|4xx\b.*)(,|$)", expect) and not (400 <= status < 500 or status == 0 and took < 3.5):
                # Closing without a response is acceptable for bytes that are not HTTP.
                wrong = "not refused"
            elif expect.startswith("closed") and not (status == 0 or 400 <= status < 500):
                wrong = "neither closed nor refused"
            if not self.server.alive():
                wrong = "the server is gone"
            self.table.answer("raw_http", "bytes", "socket", status or 400, "closed" if status == 0 else status)
            if wrong:
                self.table.violation("raw HTTP", f"{line['title']}: {wrong}; {status} after {took:.1f} s, expected {expect}")

    # -- reading

    def own(self):
        """Texts read back as they were written, except for what `as_stored` removes."""
        for start in range(0, len(self.owned), 50):
            part = self.owned[start : start + 50]
            _, answer, _ = self.server.api("POST", "blog", "/own", {"comments": [one for _, _, one in part]})
            texts = {one["comment"]["id"]: one["text"] for one in answer["comments"]}
            for corpus, line, one in part:
                self.table.row(corpus, "text", "own, as written")["lines"] += 1
                if texts.get(one["id"]) != as_stored(line["input"]):
                    self.table.violation("not as written", f"{line['id']}: {line['input']!r} became {texts.get(one['id'])!r}")
        if not self.owned:
            self.table.violation("control", "no text was stored, so none was read back")

    def control_page(self, page, site="blog", origin=ORIGIN, title="A harmless title"):
        """A thread with everything that a harmless reader may write."""
        everything = "*a* **b** ~~c~~ `d` https://example.org/\n\n> e\n\n- f\n\n2. g\n\n```rust\nh\n```\n\n---\n\na  \nb"
        first = self.server.api("POST", site, "/comments", {**comment(page, everything, website="https://ann.example/", email="ann@a.example"), "title": title}, origin=origin)[1]
        if first["comment"]["status"] == "approved":  # what waits takes no replies
            self.server.api("POST", site, "/comments", comment(page, everything, parent=first["comment"]["id"], name="Bert"), origin=origin)
            gone = self.server.api("POST", site, "/comments", comment(page, "To be deleted", parent=first["comment"]["id"]), origin=origin)[1]
            self.server.api("POST", site, "/comments", comment(page, "Below it", parent=gone["comment"]["id"]), origin=origin)
            self.server.api("DELETE", site, f"/comments/{gone['comment']['id']}", token=gone["token"], origin=origin)
            self.server.api("PATCH", site, f"/comments/{first['comment']['id']}", {"text": everything + "\n"}, token=first["token"], origin=origin)
        return first["comment"]["id"]

    def thread_page(self, page):
        status, _, content = self.server.request("GET", "/thread/blog?" + urllib.parse.urlencode({"page": page}))
        return status, content.decode("utf-8", "replace")

    def meet(self):
        """Reads harmless pages, so that anything else on a later page is new."""
        control = f"{ORIGIN}/control"
        first = self.control_page(control)
        status, page = self.thread_page(control)
        self.known |= vocabulary(page) | vocabulary(self.thread_page(f"{ORIGIN}/empty")[1])
        if status != 200 or first not in bodies_of(page):
            self.table.violation("control", f"no comment body was found on the thread page ({status}); is BODY still right?")
        browser, token = self.browser()
        for wrong in ({}, {"text": ""}, {"name": ""}, {"website": "x y"}, {"email": "x"}, {"action": "preview"}, {"parent": str(first), "name": ""}):
            fields = {"form_token": token, "page": control, "title": "", "parent": "", "key": str(uuid.uuid4()), "text": "Calm", "name": "Ann", "email": "", "website": "", "action": "post"}
            status, _, page = browser.send("POST", "/thread/blog/post", fields | wrong)
            self.known |= vocabulary(page) if status != 303 else set()
            if "action" in wrong and not PREVIEW.search(page):
                self.table.violation("control", "no preview was found on the thread page; is PREVIEW still right?")
            elif "action" not in wrong and wrong and not REFUSAL.search(page):
                self.table.violation("control", f"no refusal was found on the thread page for {wrong}; is REFUSAL still right?")
        # Without a form to show again, the refusal is a page of its own.
        status, _, page = browser.send("POST", "/thread/blog/post", {"form_token": token, "page": "x", "text": "Calm"})
        if status == 303 or "<form" in page.split("<main", 1)[-1]:
            self.table.violation("control", "no page of its own says that a page is none")
        self.known |= vocabulary(page)
        # The reader's own comment, with its author's actions.
        self.known |= vocabulary(browser.send("GET", "/thread/blog?" + urllib.parse.urlencode({"page": control}))[2])

        waits = self.control_page(f"{HELD_ORIGIN}/control", "held", HELD_ORIGIN)
        self.admin = signed_in(self.server, *OWNER)
        page = self.admin.send("GET", "/admin/held/comments")[2]
        if waits not in bodies_of(page):
            self.table.violation("control", "no comment was found in the queue; is ARTICLE still right?")
        self.known_admin |= vocabulary(page)
        path = f"/admin/blog/comments/{first}/edit"
        fields = self.admin.form(path, "/edit")
        self.admin_token = fields["form_token"]
        for wrong in ({"text": ""}, {"name": ""}, {"website": "x y"}):
            status, _, page = self.admin.send("POST", path, fields | wrong)
            self.known_admin |= vocabulary(page)
            if not REFUSAL.search(page):
                self.table.violation("control", f"no refusal was found on the moderator's page for {wrong}; is REFUSAL still right?")
        # Edited, so that the queue shows earlier versions.
        if self.admin.send("POST", path, fields | {"text": "Calm, and changed."})[0] != 303:
            self.table.violation("control", "the moderator's form was refused")
        for path in (path, "/admin/blog/comments?status=approved", "/admin/blog/threads", "/admin/blog/log", "/admin/sites"):
            self.known_admin |= vocabulary(self.admin.send("GET", path)[2])
        # One list has threads; in the other all comments are held, so it links to the site instead.
        for path in ("/thread/blog", "/thread/held"):
            self.known |= vocabulary(self.server.request("GET", path)[2].decode())

    def served(self):
        each(list(self.threads.items()), lambda job: self.read_thread(job, self.known))
        for path in ("/thread/blog", "/thread/held", "/thread/urls"):
            self.judge.page("all", "title", "list of threads", self.server.request("GET", path)[2].decode("utf-8", "replace"), self.known)

    def read_thread(self, job, known):
        (corpus, shown, suffix, page), expected = job
        field = shown + suffix
        status, answer, code = self.server.api("GET", "blog", "/thread?" + urllib.parse.urlencode({"page": page}))
        if status != 200:
            self.table.violation("a thread that cannot be read", f"{status} {code}: {page!r}")
            return
        found = {}
        cursor, pages = answer["cursor"], 1
        stack = list(answer["comments"])
        while cursor and pages < 50:
            more = self.server.api("GET", "blog", "/thread?" + urllib.parse.urlencode({"page": page, "cursor": cursor}))[1]
            stack += more["comments"]
            cursor, pages = more["cursor"], pages + 1
        while stack:
            one = stack.pop()
            found[one["id"]] = one
            stack += one["replies"]
        for id_, line in expected.items():
            if id_ not in found:
                self.table.violation("stored, but not listed", f"{line}: {page}")
            else:
                self.check_tree(corpus, shown, "thread" + suffix, found[id_]["body"], line)

        status, text = self.thread_page(page)
        if status != 200:
            self.table.violation("a thread page that cannot be read", f"{status}: {page!r}")
        else:
            self.judge.page(corpus, shown, "page as whole" + suffix, text, known)
            bodies = bodies_of(text)
            for id_, line in expected.items():
                if id_ in bodies:
                    self.judge.fragment(corpus, shown, "page" + suffix, bodies[id_], line)
                else:
                    self.table.violation("not on the thread page", f"{line}: {page}")

        feed = f"/feeds/blog/{answer['thread']['id']}.atom"
        status, _, content = self.server.request("GET", feed)
        try:
            entries = list(entries_of(content)) if status == 200 else []
        except (ElementTree.ParseError, Violation) as error:
            self.table.violation("a feed that cannot be read", f"{corpus} {field}: {error}")
            return
        if not entries:
            self.table.violation("an empty feed", f"{status} {feed}")
        for text in entries:
            self.judge.fragment(corpus, shown, "feed" + suffix, text, f"{corpus} {feed}")

    def queue(self):
        """The admin pages: held comments, edited comments, threads, log."""
        waited, pages = self.walk("/admin/held/comments", 2000)
        missing = self.held_ids - waited
        if missing:
            self.table.violation("held, but not in the queue", f"{len(missing)}, as {min(missing)}")
        changed = {id_ for (_, _, how, _), ids in self.threads.items() if how == ", by moderator" for id_ in ids}
        approved, more = self.walk("/admin/blog/comments?status=approved", 3 * len(self.form_jobs()) // 25)
        print(f"queue: {pages + more} pages, {len(waited)} comments that wait, {len(changed & approved)} of {len(changed)} that a moderator changed")
        if not changed & approved:
            self.table.violation("control", "no changed comment was found in the queue")
        for path in ("/admin/blog/threads", "/admin/held/threads", "/admin/blog/log", "/admin/held/log", "/admin/sites"):
            status, _, page = self.admin.send("GET", path)
            if status != 200:
                self.table.violation("an admin page that cannot be read", f"{status} {path}")
            self.judge.page("all", "title", "admin lists", page, self.known_admin)

    def walk(self, path, most):
        """The ids on a queue's pages, and the number of pages."""
        found, pages = set(), 0
        while path and pages < most:
            status, _, page = self.admin.send("GET", path)
            pages += 1
            if status != 200:
                self.table.violation("an admin page that cannot be read", f"{status} {path}")
                break
            bodies = bodies_of(page)
            found |= set(bodies)
            for id_, text in bodies.items():
                self.judge.fragment("all", "text", "queue", text, f"comment {id_} on {path}")
            self.judge.page("all", "all", "queue as whole", page, self.known_admin)
            further = re.search(r'<a\b[^>]*rel="next"[^>]*href="([^"]*)"', page)
            path = html.unescape(further[1]).removeprefix(self.server.base) if further else None
        return found, pages

    def routes(self):
        """Unusual values wherever an address or a header accepts any."""
        post = self.server.api("POST", "blog", "/comments", comment(f"{ORIGIN}/routes"))[1]["comment"]["id"]

        def send(job):
            path, headers = job
            browser = self.admin if path.startswith("/admin") else None
            status = browser.send("GET", path)[0] if browser else self.server.request("GET", path, None, headers)[0]
            self.table.answer("(our own)", "address" if not headers else "header", "GET", 200 if status < 400 else status, status)
            if not 200 <= status < 500:
                self.table.violation("an answer that may not be", f"{status}: GET {path[:200]} {str(headers)[:100]}")

        each(requests(post, f"{ORIGIN}/routes"), send)

        def post_form(job):
            route, field, value = job
            browser, token = self.browser()
            fields = {"form_token": token, "page": f"{ORIGIN}/routes", "key": str(uuid.uuid4()), "text": "Calm", "name": "Ann", "id": str(post), "vote": f"{post}:1", field: value}
            status, headers, text = browser.send("POST", f"/thread/blog/{route}", fields)
            self.table.answer("(our own)", "form field", route, status, status)
            if status != 303 and not 200 <= status < 500 or not headers.get("Location", self.server.base + "/").startswith(self.server.base + "/"):
                self.table.violation("an answer that may not be", f"{status} {headers.get('Location')}: {route} with {field}={value!r}")
            if status != 303:
                self.judge.page("(our own)", field, "form, refused", text, self.known)

        names = {"post": ("form_token", "page", "page_id", "title", "sort", "cursor", "parent", "key"), "vote": ("vote",), "edit": ("id",), "delete": ("id",)}
        each([(route, field, value) for route, fields in names.items() for field in fields for value in WEIRD], post_form)


# ---- controls


def controls(corpora, table):
    """Violations that the judges must detect."""
    with open(os.path.join(corpora, "html_xss.jsonl"), encoding="utf-8") as file:
        raw = [json.loads(line)["input"] for line in file]
    caught = sum(bool(judge(text)) for text in raw)
    print(f"control: {caught} of {len(raw)} lines of html_xss are unsafe as they are")
    if caught <= 500:
        table.violation("control", f"the oracle sees only {caught} unsafe lines in html_xss")
    for bad in (
        [["script", {}, "x"]],
        [["p", {"onclick": "x"}, "x"]],
        [["a", {"href": "javascript:x", "rel": "ugc nofollow noopener"}, "x"]],
        [["a", {"href": "https://x.example/"}, "x"]],
        [["a", {"href": " java\nscript:x", "rel": "ugc nofollow noopener"}, "x"]],
        [["code", {"class": "x"}, "x"]],
        [["br", {}, "x"]],
        ["x", 1],
        [["p"]],
        [{"p": 1}],
        "x",
    ):
        try:
            tree_to_html(bad)
        except Violation:
            continue
        table.violation("control", f"the tree {bad!r} was taken")
    if tree_to_html([["p", {}, "a<b", ["br", {}]]]) != "<p>a&lt;b<br></p>":
        table.violation("control", "a good tree was changed")
    calm = "<!doctype html><title>x</title><p class=a>x"
    calm_script = calm + "<script src=x></script><script type='application/ld+json'>{\"a\": 1}</script>"
    for hostile in ("<img src=x onerror=y>", "<p onclick=x>", "<svg>", "<script>x</script>", "<a href='javascript:x'>x</a>", "<script type='application/ld+json'>x</script>"):
        for page in (calm, calm_script):
            if not vocabulary(page + hostile) - vocabulary(page) - COMMENT_VOCABULARY:
                table.violation("control", f"{hostile} is not noticed on a page")
    for text, stored in (("\r\n a\r\nb\x00 \n", " a\nb"), ("e" + "\u0301" * 9 + "x", "e" + "\u0301" * 8 + "x"), ("a\u202eb", "ab")):
        if as_stored(text) != stored:
            table.violation("control", f"{text!r} would be stored as {as_stored(text)!r}")
    if in_a_field("\n<b>", True) != "\n<b>" or facts(f"<form><textarea name=text>\n\n&lt;b></textarea>")[1] != {"text": "\n<b>"}:
        table.violation("control", "what stands in a field is not read")


def main():
    if len(sys.argv) != 2 or not os.environ.get("AFTERWORD_BIN"):
        raise SystemExit(__doc__)
    # It stops the server also when it is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    corpora = sys.argv[1]
    load_oracle(corpora)
    table = Table()
    controls(corpora, table)
    judge_ = Judge(corpora, table)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="afterword-corpora-") as folder:
        server = Server(os.environ["AFTERWORD_BIN"], folder)
        run = Run(server, corpora, table, judge_)
        server.command("site", "add", "blog", "--origin", ORIGIN)
        server.command("site", "set", "blog", "moderation=none")
        server.command("site", "add", "held", "--origin", HELD_ORIGIN)
        server.command("site", "set", "held", "moderation=all")
        server.command("site", "add", "urls", *(word for origin in run.url_origins() for word in ("--origin", origin)))
        server.command("admin", "create", OWNER[0], "--password-stdin", stdin=OWNER[1] + "\n")
        server.serve()
        try:
            for step in (run.meet, run.bodies, run.fields, run.held, run.forms, run.json_bodies, run.urls, run.own, run.routes, run.moderator, run.served, run.queue, run.raw_http):
                step()
                print(f"{step.__name__}: done at {time.monotonic() - began:.0f} s", flush=True)
            if not server.alive():
                table.violation("the server is gone", server.read_log())
            if "panicked" in server.read_log():
                table.violation("a panic in the log", server.read_log())
        finally:
            server.stop()
    for refusal in server.silent:
        table.violation("a refusal without a sentence", refusal)
    print(f"to judge: {len(judge_.fragments)} different texts, {len(judge_.pages)} pages", flush=True)
    judge_.finish()
    print(f"judged at {time.monotonic() - began:.0f} s\n")
    table.show()
    print()
    for kind, count in table.counts.items():
        print(f"VIOLATION {kind}: {count}")
        for example in table.examples[kind]:
            print(f"    {example}")
    print("no violation" if not table.counts else f"{sum(table.counts.values())} violations")
    return bool(table.counts)


if __name__ == "__main__":
    sys.exit(main())
