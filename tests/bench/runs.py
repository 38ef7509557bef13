"""Several runs beside each other, as a table in Markdown.

`tests/bench/run --runs A.json B.json C.json`, with what `--json` wrote. Must never mix what was measured against different
things: a row is one figure and what it was divided by.
"""

import json
import re


def written(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def cell(row):
    # Times of one machine are nobody else's; whether they are within the target is worth telling.
    if row["unit"] == "ms":
        return row["verdict"].split()[0]
    if row["min"] == row["max"]:
        return written(row["median"])
    return f"{written(row['median'])} ({written(row['min'])}–{written(row['max'])})"


def table(files):
    """Markdown: what was measured, beside what, each run's median (least–largest), the target."""
    runs = []
    for file in files:
        # How large the groups of a run were is part of its name, and differs.
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
