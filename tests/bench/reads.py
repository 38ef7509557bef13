"""Reads: warm, random, cold, unchanged, long threads, counts. Each next to a baseline, in turns."""

from load import BROWSER, wrk
from servers import REMARK42, TEN_KILOBYTES, Afterword, Copy, Baseline, Nginx, thread_path
from urllib.parse import quote

ROUNDS, SECONDS = 5, 2


def rounds(run):
    return 3 if run.quick else ROUNDS


def in_turn(run, *measure, times=1):
    """Measures each in turn for this number of rounds, so that a slow second of the machine affects all."""
    found = []
    for n in range(rounds(run) * times):
        # Every other round in reverse order, so that the order gives no advantage.
        order = list(enumerate(measure))
        results = {}
        for place, one in order if n % 2 == 0 else reversed(order):
            results[place] = one()
        found.append([results[place] for place in range(len(measure))])
    return found


def warm(run):
    """A cached thread of 59 comments."""
    path = thread_path("/fifty-nine/")
    with Copy("100k") as folder, Afterword(folder) as server:
        run.table.amount("memory", "memory at rest", "MB", [server.memory()], target=25)
        answer = server.get(path, {"Accept-Encoding": BROWSER})
        zipped = server.get(path, {"Accept-Encoding": "gzip"})
        etag = f"If-None-Match: {answer[1]['etag']}"
        # The baseline gets the same requests as the server: parsing and creating them costs both the same.
        with Baseline(answer, folder) as baseline:
            pairs = in_turn(run, lambda: wrk(server.base + path, seconds=1).rate, lambda: wrk(baseline.base + path, seconds=1).rate, times=3)
            run.table.ratio("warm", "59 comments, warm", "a static body of these bytes", pairs, target=0.9)
            pairs = in_turn(run, lambda: wrk(server.base + path, headers=[etag], seconds=SECONDS).rate, lambda: wrk(server.base + path, seconds=SECONDS).rate)
            run.table.ratio("warm", "59 comments, unchanged (304)", "the same read whole", pairs)
            hot = ("random.lua", [thread_path("/posts/"), 1000, "/"])
            wrk(server.base, script=hot[0], arguments=hot[1], seconds=SECONDS)
            pairs = in_turn(run, lambda: wrk(server.base, script=hot[0], arguments=hot[1], seconds=SECONDS).rate, lambda: wrk(baseline.base, script=hot[0], arguments=hot[1], seconds=SECONDS).rate)
            run.table.ratio("warm", "1,000 threads of 100 at random, 100 k stored", "the same baseline", pairs)
            missing = ("random.lua", [thread_path("/nobody/"), 200_000, "/"])
            pairs = in_turn(run, lambda: wrk(server.base, script=missing[0], arguments=missing[1], seconds=SECONDS).rate, lambda: wrk(baseline.base, script=missing[0], arguments=missing[1], seconds=SECONDS).rate)
            run.table.ratio("warm", "pages that nobody commented on, at random", "the same baseline", pairs)
            run.table.amount("memory", "memory after the read tests", "MB", [server.memory()], target=60)
        if Nginx.is_here():
            with Nginx(zipped, folder) as nginx:
                pairs = in_turn(run, lambda: wrk(server.base + path, encoding="gzip", seconds=SECONDS).rate, lambda: wrk(nginx.base + "/body", encoding="gzip", seconds=SECONDS).rate)
                run.table.ratio("warm", "59 comments, warm", "nginx with these bytes as a file", pairs)
            with Nginx(TEN_KILOBYTES, folder) as nginx:
                for what, least, load in (("59 comments, warm", round(30 * REMARK42["warm"], 2), lambda: wrk(server.base + path, seconds=SECONDS).rate),
                                          ("1,000 threads of 100 at random, 100 k stored", round(100 * REMARK42["random"], 2), lambda: wrk(server.base, script=hot[0], arguments=hot[1], seconds=SECONDS).rate)):
                    pairs = in_turn(run, load, lambda: wrk(nginx.base + "/body", seconds=SECONDS).rate)
                    run.table.ratio("warm", what, "nginx with a file of 10 kB", pairs, target=least)


def cold(run):
    """Random threads with the cache off: one query, one rendering, one compression each."""
    large = "100k of 50" if run.quick else "1M"
    few, many = 200, 2_000 if run.quick else 20_000
    with Copy("10k") as small, Copy(large) as big, Afterword(small, cache=0) as ours, Afterword(big, cache=0) as theirs:
        def load(server, count):
            return wrk(server.base, script="random.lua", arguments=[thread_path("/posts/"), count, "/"], seconds=SECONDS).rate
        load(theirs, many)
        pairs = in_turn(run, lambda: load(ours, few), lambda: load(theirs, many))
        # Threads in both have 50 comments; cost is the inverse of the rate.
        run.table.ratio("cold", f"cold read at {large.split()[0]} stored, in time", "the same at 10 k stored", pairs, target=1.3, at_most=True)
        with Baseline(ours.get(thread_path("/posts/1/"), {"Accept-Encoding": BROWSER}), small) as baseline:
            pairs = in_turn(run, lambda: load(ours, few), lambda: load(baseline, few))
            run.table.ratio("cold", "cold read at 10 k stored", "a static body of these bytes", pairs)


def long(run):
    """A thread of 10,000 comments: its first page, a next page, a link to one deeply nested comment."""
    import json

    with Copy("100k") as folder, Afterword(folder, cache=0) as server:
        # One client: simultaneous requests for the same page share one query, which is not measured here.
        note = json.loads((folder / "seed.json").read_text())
        hundred, first = thread_path("/hundred/"), thread_path("/long/")
        page = json.loads(server.get(first)[2])
        following = f"{first}&cursor={quote(page['cursor'])}"
        deep = f"/api/v1/sites/blog/comments/{note['deep']}"
        found = json.loads(server.get(deep)[2])
        assert str(note["deep"]) in json.dumps(found), "the linked comment is in the answer"
        for what, path, target in (("first page of 10,000 comments", first, 0.8), ("a next page of 10,000 comments", following, None), ("link to one of 10,000 comments, one request", deep, None)):
            pairs = in_turn(run, lambda path=path: wrk(server.base + path, clients=1, seconds=SECONDS).rate, lambda: wrk(server.base + hundred, clients=1, seconds=SECONDS).rate)
            size = len(server.get(path)[2]) / len(server.get(hundred)[2])
            run.table.ratio("long", what + ", cold", "a thread of 100, cold", pairs, target, note=f"answer is {size:.2g} × as long")
    with Copy("100k") as folder, Afterword(folder) as server:
        pairs = in_turn(run, lambda: wrk(server.base + first, seconds=SECONDS).rate, lambda: wrk(server.base + hundred, seconds=SECONDS).rate)
        run.table.ratio("long", "first page of 10,000 comments, warm", "a thread of 100, warm", pairs, target=0.8)


def counts(run):
    """Counts of 100 pages in one request."""
    large = "100k of 50" if run.quick else "1M"
    with Copy("10k") as small, Copy(large) as big, Afterword(small) as ours, Afterword(big) as theirs:
        def path(most):
            return "/api/v1/sites/blog/counts?" + "&".join(f"page=/posts/{n * (most // 100)}/" for n in range(100))
        pairs = in_turn(run, lambda: wrk(ours.base + path(200), seconds=SECONDS).rate, lambda: wrk(theirs.base + path(20_000 if not run.quick else 2_000), seconds=SECONDS).rate)
        run.table.ratio("counts", f"counts of 100 pages at {large.split()[0]} stored, in time", "the same at 10 k stored", pairs, target=1.3, at_most=True)
