"""Writes: durable posts over HTTP, the store alone next to raw SQLite, previews, reads among writes."""

import time

from load import wrk
from servers import REMARK42, TEN_KILOBYTES, Afterword, Copy, Nginx, program, thread_path
from reads import SECONDS, in_turn, rounds

serial = 0


def posts(server, threads, clients, seconds=SECONDS, **more):
    global serial
    serial += 1
    name = f"{int(time.time())}x{serial:04d}"
    return wrk(server.base, clients=clients, seconds=seconds, script="posts.lua", arguments=[threads, name], **more)


def post(run):
    """Comments over HTTP, each acknowledged after its commit."""
    with Copy("100k") as folder, Afterword(folder) as server:
        found = in_turn(run, *(lambda clients=clients: posts(server, 1_000, clients).rate for clients in (1, 16, 64, 256)))
        for place, clients in ((1, 16), (2, 64), (3, 256)):
            run.table.ratio("post", f"posts by {clients} clients", "posts by one", [(row[place], row[0]) for row in found])
        run.table.amount("memory", "memory after posting", "MB", [server.memory()])
        if Nginx.is_here():
            with Nginx(TEN_KILOBYTES, folder) as nginx:
                pairs = in_turn(run, lambda: posts(server, 1_000, 64).rate, lambda: wrk(nginx.base + "/body", seconds=SECONDS).rate)
                run.table.ratio("post", "posts by 64 clients", "nginx with a file of 10 kB", pairs, target=round(20 * REMARK42["post"], 2))
        preview = "/api/v1/sites/blog/preview"
        pairs = in_turn(run, lambda: wrk(server.base + preview, script="preview.lua", seconds=SECONDS).rate, lambda: posts(server, 1_000, 64).rate)
        run.table.ratio("post", "previews by 64 clients", "posts by 64", pairs)


def store(run):
    """The store alone with 64 clients; raw SQLite with the same statements in batches of the same size."""
    sizes = ["10k"] if run.quick else ["10k", "1M"]
    medians = {}
    for size in sizes:
        with Copy(size) as ours, Copy(size) as theirs:
            group = program("store", ours, "--clients", 64, "--seconds", 1)["group"]
            batch = max(1, round(group))
            found = in_turn(run, lambda: program("store", ours, "--clients", 64, "--seconds", SECONDS)["rate"],
                            lambda: program("raw", theirs, "--batch", batch, "--seconds", SECONDS)["rate"])
            run.table.ratio("store", f"store alone, 64 clients, {size} stored", f"raw SQLite, batches of {batch}", found, target=0.6)
            medians[size] = sorted(ours for ours, _ in found)[len(found) // 2]
    if "1M" in medians:
        with Copy("10k") as small, Copy("1M") as big:
            found = in_turn(run, *(lambda folder=folder: program("store", folder, "--clients", 64, "--seconds", SECONDS)["rate"] for folder in (small, big)))
            run.table.ratio("store", "a post to the store at 1M stored, in time", "the same at 10 k stored", found, target=1.1, at_most=True)
            # The same number of threads separates the effect of the amount stored from that of the spread of posts.
            note = big / "seed.json"
            whole = note.read_text()
            note.write_text((small / "seed.json").read_text())
            found = in_turn(run, *(lambda folder=folder: program("store", folder, "--clients", 64, "--seconds", SECONDS)["rate"] for folder in (small, big)))
            run.table.ratio("store", "the same, in time, to 200 threads in both", "the same at 10 k stored", found, target=1.1, at_most=True)
            note.write_text(whole)
            found = in_turn(run, *(lambda folder=folder: program("raw", folder, "--batch", 48, "--seconds", SECONDS)["rate"] for folder in (small, big)))
            run.table.ratio("store", "the same statements by raw SQLite at 1M, in time", "the same at 10 k stored", found)
        with Copy("10k") as small, Copy("1M") as big, Afterword(small) as ours, Afterword(big) as theirs:
            found = in_turn(run, lambda: posts(ours, 200, 64).rate, lambda: posts(theirs, 20_000, 64).rate)
            run.table.ratio("store", "a post over HTTP at 1M stored, in time", "the same at 10 k stored", found, target=1.1, at_most=True)


def mixed(run):
    """One post in twenty requests; posts and reads use the same threads."""
    with Copy("100k") as folder, Afterword(folder) as server:
        reads = ["random.lua", [thread_path("/posts/"), 1_000, "/"]]
        wrk(server.base, script=reads[0], arguments=reads[1], seconds=SECONDS)
        pairs = in_turn(run, lambda: wrk(server.base, script="posts.lua", seconds=SECONDS,
                                         arguments=[1_000, f"{time.time_ns()}", 19, thread_path("/posts/"), "/"]).rate,
                        lambda: wrk(server.base, script=reads[0], arguments=reads[1], seconds=SECONDS).rate)
        run.table.ratio("mixed", "19 reads to one post, 1,000 threads at random", "reads alone", pairs)
        run.table.amount("memory", "memory after mixed load", "MB", [server.memory()])


def pressure(run):
    """Five times more writers than are admitted: they are told to retry, and a reader is hardly affected."""
    import json
    import subprocess
    from servers import PROGRAM

    def paced(server, seconds):
        return subprocess.Popen([PROGRAM, "paced", server.base.removeprefix("http://"), thread_path("/hundred/"), "--rate", "300", "--seconds", str(seconds)],
                                stdout=subprocess.PIPE, text=True)

    def heard(child):
        return json.loads(child.communicate(timeout=60)[0])

    with Copy("100k") as folder, Afterword(folder) as server:
        found, shed, taken, failed, worst, calm = [], [], [], 0, [], posts(server, 1_000, 64).rate
        for _ in range(rounds(run)):
            alone = heard(paced(server, 3))
            child = paced(server, 3)
            crowd = posts(server, 1_000, 2_500, seconds=4, may_refuse=True)
            among = heard(child)
            shed.append(crowd.refused / crowd.count)
            taken.append((crowd.count - crowd.refused) / 4)
            failed += alone["failed"] + among["failed"]
            worst.append(among["p99_us"] / 1000)
            found.append((among["p99_us"], alone["p99_us"]))
        run.table.ratio("pressure", "a reader's 99th percentile among 2,500 writers, in time", "the same reader alone", found,
                        note=f"{min(shed):.1%} to {max(shed):.1%} of the posts were told to come back; reads failed: {failed}")
        run.table.ratio("pressure", "posts accepted from 2,500 who do not wait", "posts of 64 who take turns", [(rate, calm) for rate in taken])
        run.table.amount("pressure", "the same as it is", "ms", worst, target=1000)
