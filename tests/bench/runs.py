"""Several runs in one Markdown table.

`tests/bench/run --runs A.json B.json C.json`, with the files of `--json`. Must never mix measurements against different
baselines: a row is one figure and its baseline.
"""

import json
import re


def written(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def cell(row):
    # Times depend on the machine; whether they are within the target does not.
    if row["unit"] == "ms":
        return row["verdict"].split()[0]
    if row["min"] == row["max"]:
        return written(row["median"])
    return f"{written(row['median'])} ({written(row['min'])}–{written(row['max'])})"


def table(files):
    """Markdown: the figure, its baseline, each run's median (smallest–largest), the target."""
    runs = []
    for file in files:
        # The size of a run's groups is part of the row's name, and differs.
        rows = json.loads(file.read_text())["rows"]
        runs.append({(row["what"], re.sub(r"batches of \d+", "the same batches", row["unit"])): row for row in rows})
    names = list(dict.fromkeys(name for run in runs for name in run))
    lines = ["| what | in | " + " | ".join(f"run {n + 1}" for n in range(len(runs))) + " | target |",
             "|---|---|" + "---|" * (len(runs) + 1)]
    for name in names:
        rows = [run.get(name) for run in runs]
        target = re.search(r"\((.*)\)", next(row for row in rows if row)["verdict"])
        missed = any(row and row["verdict"].startswith("MISSED") for row in rows)
        goal = (f"**{target[1]}**" if missed else target[1]) if target else ""
        lines.append(f"| {name[0]} | {name[1]} | " + " | ".join(cell(row) if row else "–" for row in rows) + f" | {goal} |")
    return "\n".join(lines)
