"""The one command behind ./run: runs the parts that are asked for, prints the table, writes plots and JSON.

Must never print a number that was not measured in this run. README.md says what each means.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import growth
import live
import owner
import plot
import reads
import rivals
import runs
import soak
import writes
from load import Failed
from servers import ROOT
from table import Table

PARTS = {
    "warm": reads.warm, "cold": reads.cold, "long": reads.long, "counts": reads.counts,
    "store": writes.store, "post": writes.post, "mixed": writes.mixed, "pressure": writes.pressure,
    "live": live.live, "queue": owner.queue, "start": owner.start, "growth": growth.growth,
}
# Parts that run only when named.
LONG = {"soak": soak.soak}
# The title of a plot, and the bound of a million relative to ten thousand (the targets of the rows).
PLOTS = {"cold read": ("What a cold read costs", 1.3), "post": ("What a post costs", 1.1),
         "queue": ("What a page of the queue costs", 1.3), "counts of 100 pages": ("What the counts of 100 pages cost", 1.3)}


class Run:
    """The inputs of the parts."""

    def __init__(self, asked):
        self.quick, self.minutes, self.table, self.curves = asked.quick, asked.minutes, Table(), None


def main():
    arguments = argparse.ArgumentParser(prog="tests/bench/run")
    arguments.add_argument("parts", nargs="*", metavar="PART")
    for flag in ("list", "quick", "rivals", "plots"):
        arguments.add_argument(f"--{flag}", action="store_true")
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--runs", type=Path, nargs="+", metavar="FILE")
    arguments.add_argument("--minutes", type=int, default=30)
    asked = arguments.parse_args()
    if asked.list:
        for name, part in (PARTS | LONG).items():
            print(f"{name:<10}{part.__doc__.splitlines()[0]}")
        return 0
    if asked.runs:
        print(runs.table(asked.runs))
        return 0
    unknown = [part for part in asked.parts if part not in PARTS | LONG]
    if unknown:
        print(f"no part '{unknown[0]}'; there are: {' '.join(PARTS | LONG)}", file=sys.stderr)
        return 2
    wanted = asked.parts or ([] if asked.rivals else list(PARTS))
    run, began, broken = Run(asked), time.monotonic(), []
    print(Table.HEAD)
    todo = [(name, (PARTS | LONG)[name]) for name in wanted] + ([("rivals", rivals.rivals)] if asked.rivals else [])
    for name, part in todo:
        try:
            part(run)
        except (Failed, RuntimeError, AssertionError, OSError) as error:
            # The other parts still run; the run as a whole has failed.
            broken.append(name)
            print(f"{name}: FAILED: {error}", file=sys.stderr, flush=True)
    if asked.plots and run.curves:
        for what, curve in run.curves.items():
            file = ROOT / "docs" / "performance" / f"growth-{what.split()[0]}.svg"
            file.parent.mkdir(exist_ok=True)
            title, goal = PLOTS[what]
            file.write_text(plot.growth(f"{title}, by comments stored", curve, goal))
    if asked.json:
        asked.json.write_text(json.dumps({"rows": run.table.rows, "curves": run.curves}, indent=1))
    missed = [row["what"] for row in run.table.rows if row["verdict"].startswith("MISSED")]
    print(f"\n{len(run.table.rows)} rows in {time.monotonic() - began:.0f} s; "
          f"missed: {', '.join(missed) or 'none'}; failed parts: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
