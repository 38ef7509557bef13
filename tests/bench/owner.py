"""The owner's waiting times: the queue, and a start."""

from pathlib import Path

from load import wrk
from servers import AFTERWORD, Afterword, Copy, thread_path
from reads import SECONDS, in_turn


def queue(run):
    """The page of held comments, and a late page of all approved ones."""
    large = "100k of 50" if run.quick else "1M"
    with Copy("10k") as small, Copy(large) as big, Afterword(small) as ours, Afterword(big) as theirs:
        for what, path in (("what waits", "/admin/blog/comments"), ("what was approved", "/admin/blog/comments?status=approved")):
            measure = []
            for server in (ours, theirs):
                cookie = f"Cookie: {server.sign_in()}"
                body = server.get(path, {"Cookie": cookie.removeprefix('Cookie: ')})[2]
                assert body.count(b"<article") >= 10, f"the queue is empty: {body[:200]}"
                measure.append(lambda server=server, cookie=cookie: wrk(server.base + path, clients=8, headers=[cookie], seconds=SECONDS).rate)
            run.table.ratio("queue", f"the queue, {what}, at {large.split()[0]} stored, in time", "the same at 10 k stored", in_turn(run, *measure), target=1.3, at_most=True)


def start(run):
    """From exec to the first thread read."""
    large = "100k of 50" if run.quick else "1M"
    with Copy(large) as folder:
        times = []
        for _ in range(9):
            with Afterword(folder, ready=thread_path("/posts/77/")) as server:
                times.append(server.started * 1000)
    run.table.amount("start", f"exec to the first thread, {large.split()[0]} stored", "ms", times, target=100)
    run.table.amount("start", "the binary", "MB", [Path(AFTERWORD).stat().st_size / 1e6], target=20)
