"""The table of a run: one row for what was measured, as a ratio to something of the same run.

Must never show a number without what it is compared with; times of a machine are nobody else's.
"""

import statistics


class Table:
    """Rows as they come; `rows` is what --json writes."""

    def __init__(self):
        self.rows = []

    def ratio(self, part, what, beside, pairs, target=None, at_most=False, note=""):
        """`pairs`: (ours, theirs) of each round, in turn. `target`: the least ratio, or the largest with `at_most`."""
        ratios = sorted(ours / theirs for ours, theirs in pairs)
        self._add(part, what, f"× {beside}", ratios, target, at_most, note, pairs)

    def amount(self, part, what, unit, values, target=None, note=""):
        """What has a size by itself, such as memory; `target` is the most."""
        self._add(part, what, unit, sorted(values), target, True, note, [])

    def _add(self, part, what, unit, values, target, at_most, note, pairs):
        median = statistics.median(values)
        verdict = ""
        if target is not None:
            met = median <= target if at_most else median >= target
            verdict = ("met" if met else "MISSED") + f" ({'≤' if at_most else '≥'} {target:g})"
        row = {
            "part": part, "what": what, "unit": unit, "min": values[0], "median": median, "max": values[-1],
            "verdict": verdict, "note": note, "pairs": pairs,
        }
        self.rows.append(row)
        print(self.line(row), flush=True)

    @staticmethod
    def line(row):
        numbers = "".join(f"{row[name]:9.3g}" if row[name] < 1000 else f"{row[name]:9.0f}" for name in ("min", "median", "max"))
        note = f"  [{row['note']}]" if row["note"] else ""
        return f"{row['what']:<56}{numbers}  {row['unit']:<34}{row['verdict']}{note}"

    HEAD = f"{'':<56}{'min':>9}{'median':>9}{'max':>9}"
