"""Half an hour of readers, writers and listeners at an even pace: what grows, and what slows down.

Not part of an ordinary run: `tests/bench/run soak --minutes 30`.
"""

import json
import re
import statistics
import subprocess

from load import wrk
from servers import PROGRAM, SIZES, Afterword, Copy, Process, free_port, thread_path

LISTENERS = 1_000
CLIENTS = 16
# The pause between two requests of a client: together a few hundred a second, far below the machine's capacity.
PAUSE_MS = 25


def listening(metrics):
    text = Process.get(metrics, "/metrics")[2].decode()
    return int(float(re.search(r"^afterword_live_readers (\S+)$", text, re.MULTILINE)[1]))


class Metrics(Process):
    """The metrics of a running server; starts nothing."""

    def __init__(self, port):
        self.port = port


def soak(run):
    """One post to 19 reads among 20,000 threads for these minutes, and 1,000 live readers."""
    minutes = 2 if run.quick else run.minutes
    # Enough threads that half an hour of posts lengthens none by more than about a twentieth: a longer thread takes
    # longer to write, which is not an effect of time.
    size = "100k of 50" if run.quick else "1M"
    threads = SIZES[size][0]
    port = free_port()
    with Copy(size) as folder, Afterword(folder, max_connections=4 * LISTENERS, metrics_listen=f"127.0.0.1:{port}") as server:
        listen = subprocess.Popen([PROGRAM, "listen", server.base.removeprefix("http://"), "--readers", str(LISTENERS), "--posts", "1"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = json.loads(listen.stdout.readline())
        memory, slow, count = [], [], 0
        for minute in range(minutes):
            result = wrk(server.base, clients=CLIENTS, seconds=60, script="posts.lua",
                         arguments=[threads, f"soak{minute:04d}", 19, thread_path("/posts/"), "/", PAUSE_MS])
            memory.append(server.memory())
            slow.append(result.p99)
            count += result.count
            print(f"  minute {minute + 1}: {result.rate:.0f} requests a second, {memory[-1]:.1f} MB, "
                  f"99th percentile {slow[-1] / slow[0]:.2f} × the first minute's", flush=True)
        still = listening(Metrics(port))
        listen.communicate("\n", timeout=60)
        if said["listening"] != LISTENERS or still != LISTENERS:
            raise RuntimeError(f"of {LISTENERS} listeners {said['listening']} began and {still} were left")
        few = min(3, max(1, minutes // 2))
        begin, end = statistics.median(slow[:few]), statistics.median(slow[-few:])
        note = f"{minutes} min, {count:,} requests, one in 20 a post, none failed; {LISTENERS:,} listened to the end"
        run.table.ratio("soak", "99th percentile, in time, in the end", "in the beginning", [(end, begin)], target=1.25, at_most=True, note=note)
        run.table.ratio("soak", "memory in the end", "after the first minute", [(memory[-1], memory[0])], target=1.25, at_most=True,
                        note=f"{memory[0]:.1f} MB, largest {max(memory):.1f}, last {memory[-1]:.1f}")
