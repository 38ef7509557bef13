"""The table of a run: one row per measurement, as a ratio to another one of the same run.

Must never show a number without its baseline; times of one machine do not apply to others.
"""

import statistics


class Table:
    """Rows in order; `rows` is written by --json."""

    def __init__(self):
        self.rows = []

    def ratio(self, part, what, beside, pairs, target=None, at_most=False, note=""):
        """`pairs`: (ours, theirs) of each round, in turn. `target`: the smallest ratio, or the largest with
        `at_most`."""
        ratios = sorted(ours / theirs for ours, theirs in pairs)
        self._add(part, what, f"× {beside}", ratios, target, at_most, note, pairs)

    def amount(self, part, what, unit, values, target=None, note=""):
        """A figure with a unit, such as memory; `target` is the maximum."""
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
