"""Growth of costs with the number of comments: from a thousand to a million, everything else the same.

Cost is time per request, the inverse of a rate, as a ratio to the smallest database of the same round.
"""

import statistics
from contextlib import ExitStack

from load import wrk
from servers import SIZES, Afterword, Copy, thread_path
from reads import in_turn
from writes import posts

STEPS = {"1k": "1k", "10k": "10k", "100k": "100k of 50", "1M": "1M"}


def growth(run):
    """Cold reads, posts, the queue and counts with four databases; threads of 50 comments in each."""
    steps = [step for step in STEPS if not (run.quick and step == "1M")]
    with ExitStack() as stack:
        servers = {}
        for step in steps:
            folder = stack.enter_context(Copy(STEPS[step]))
            cold = stack.enter_context(Afterword(folder, cache=0))
            servers[step] = (cold, SIZES[STEPS[step]][0], f"Cookie: {cold.sign_in()}")

        def cold_read(step):
            server, threads, _ = servers[step]
            return wrk(server.base, script="random.lua", arguments=[thread_path("/posts/"), threads, "/"], seconds=1).rate

        def one_post(step):
            server, threads, _ = servers[step]
            return posts(server, threads, 64, seconds=1).rate

        def queue(step):
            server, _, cookie = servers[step]
            return wrk(server.base + "/admin/blog/comments", clients=8, headers=[cookie], seconds=1).rate

        def counts(step):
            server, threads, _ = servers[step]
            pages = "&".join(f"page=/posts/{n * threads // 100}/" for n in range(100))
            return wrk(f"{server.base}/api/v1/sites/blog/counts?{pages}", seconds=1).rate

        curves = {}
        for what, measure in (("cold read", cold_read), ("post", one_post), ("queue", queue), ("counts of 100 pages", counts)):
            found = in_turn(run, *(lambda step=step: measure(step) for step in steps))
            curve = []
            for place, step in enumerate(steps):
                ratios = sorted(row[0] / row[place] for row in found)
                curve.append((step, ratios[0], statistics.median(ratios), ratios[-1]))
            curves[what] = curve
            run.table.ratio("growth", f"{what} at {steps[-1]} stored, in time", "the same at 1 k stored", [(row[0], row[-1]) for row in found])
    run.curves = curves
