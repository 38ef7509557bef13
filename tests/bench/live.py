"""Live readers: the cost of 9,500 event streams, and the time until all have a comment's event."""

import json
import subprocess

from load import BROWSER, wrk
from servers import PROGRAM, Afterword, Copy, thread_path
from reads import SECONDS


def live(run):
    """Event streams of one thread; some connections are reserved for reads and writes."""
    readers = 2_000 if run.quick else 9_500
    with Copy("10k") as folder, Afterword(folder, max_connections=2 * readers + 500) as server:
        path = thread_path("/fifty-nine/")
        server.get(path, {"Accept-Encoding": BROWSER})
        alone = wrk(server.base + path, seconds=SECONDS).rate
        before = server.memory()
        listen = subprocess.Popen([PROGRAM, "listen", server.base.removeprefix("http://"), "--readers", str(readers), "--posts", "5"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = json.loads(listen.stdout.readline())
        memory = server.memory()
        among = wrk(server.base + path, seconds=SECONDS).rate
        listen.communicate("\n", timeout=60)
        if said["listening"] != readers or said["reached"] != readers:
            raise RuntimeError(f"of {readers} readers {said['listening']} listen and {said['reached']} heard of every comment")
        run.table.amount("live", f"memory with {readers:,} listening readers", "MB", [memory], target=150 * readers / 10_000)
        run.table.amount("live", "each of them", "kB", [(memory - before) * 1024 / readers])
        run.table.ratio("live", f"the last of {readers:,} receives a comment's event, in time", "the first to receive it", list(zip(said["last_us"], said["first_us"])))
        run.table.amount("live", "the last receives it after", "ms", [us / 1000 for us in said["last_us"]], target=1000)
        run.table.ratio("live", "warm reads while they listen", "warm reads alone", [(among, alone)])
