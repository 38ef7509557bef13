"""Unusual values, and every part of an address or a header that accepts a value."""

import urllib.parse

WEIRD = [
    "\0", "a\0b", "\u2028", "\u2029", "\x85", "\ud800", "\udfff\ud800", "\ufffe", "\u202e", "\t", "\\", "%", "%00", "%zz", "'\"<>", "{{7*7}}",
    "-1", "0", "1e9", "NaN", "inf", "-inf", "9007199254740991", "9007199254740992", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "9" * 400, "a" * 3000, "../../etc/passwd", "//evil.example", "javascript:alert(1)", "id:x",
    "https://blog.example@evil.example/", "https://user:pw@blog.example/x", "https://blog.example/x#frag", "https:\\\\blog.example\\x",
    "https://blog.example/\tx", "ht\ntps://blog.example/x", "https://blog.example:443/x", "https://blog.example:99999/", "https://blog.example./x",
    "https://[::1]/", "http://xn--/", "https://blog.example/%ff%fe", "https://blog.example/\ud800", "https://blog.example/a\0b",
]

HEADERS = ("Origin", "If-None-Match", "Accept-Encoding", "Accept-Language", "Cookie", "Authorization", "Content-Type", "X-Forwarded-For", "Range", "If-Modified-Since")


def quoted(text):
    return urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe="")


def requests(comment, page):
    """(path, headers) of every such request, for a comment that exists and its page."""
    page = quoted(page)
    thread, shown = f"/api/v1/sites/blog/thread?page={page}", f"/thread/blog?page={page}"
    paths = [
        "/api/v1/sites/blog/thread?page=%s", f"{thread}&page_id=%s", f"{thread}&sort=%s", f"{thread}&cursor=%s", f"{thread}&%s=1",
        *(f"{thread}&cursor={sort}.{place}" for sort in ("oldest", "newest", "best") for place in ("%s.1", "1.%s")),
        f"/api/v1/sites/%s/thread?page={page}", "/api/v1/sites/%s/counts?page=/p", "/api/v1/sites/%s/comments/1",
        "/api/v1/sites/blog/comments/%s", f"/api/v1/sites/blog/comments/{comment}/replies?after=%s", "/api/v1/sites/blog/comments/%s/replies",
        "/api/v1/sites/blog/counts?page=%s", "/api/v1/sites/blog/counts?page=/%s", "/api/v1/sites/blog/counts?page_id=%s", "/api/v1/%s",
        "/%s", "/thread/%s", f"/thread/%s?page={page}", "/thread/blog/%s", "/thread/blog?page=%s", "/thread/blog?comment=%s",
        *(f"{shown}&{name}=%s" for name in "page_id title sort cursor reply edit delete comment replies after said id value".split()),
        f"{shown}&replies={comment}&after=%s", f"{shown}&said=voted&id={comment}&value=%s",
        "/feeds/%s", "/feeds/%s.atom", "/feeds/blog/%s.atom", "/feeds/%s/1.atom", "/embed/%s",
        "/admin/%s", "/admin/setup/%s", "/admin/login?next=%s", "/admin/%s/comments", "/admin/%s/threads", "/admin/%s/log", "/admin/%s/settings",
        "/admin/blog/comments?status=%s", "/admin/blog/comments?before=%s", "/admin/blog/comments?id=%s&now=approved&was=held",
        "/admin/blog/comments/%s/edit", "/admin/blog/threads?q=%s", "/admin/blog/threads?before=%s", "/admin/blog/threads?page=%s",
    ]
    found = [(path.replace("%s", quoted(value)), {}) for path in paths for value in WEIRD]
    for value in WEIRD:
        raw = value.encode("utf-8", "surrogatepass").replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"").decode("latin1")
        found += [(path, {name: raw}) for name in HEADERS for path in (thread, shown, "/feeds/blog.atom")]
    for cookie in ("afterword-reader=" + "a" * 22 + ".1" * 10000, "afterword-session=" + "a" * 30000, "; " * 15000, f"afterword-reader={'a' * 22}.{comment}.{2**53}.0"):
        found += [(path, {"Cookie": cookie}) for path in (thread, shown)]
    return found
