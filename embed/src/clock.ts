// Times in words: “3 hours ago”, and the exact one on hover.
// Must never keep more than one timer, however many comments there are.
// Next: view.ts owns the timer and calls tick().
import { el } from "./element";
import type { Words } from "./words";

/** Milliseconds, and the unit's place in words.ts. */
const steps: [number, 1 | 2 | 3][] = [
  [86_400_000, 3],
  [3_600_000, 2],
  [60_000, 1],
];

/** Relative for a month, then the date. A clock that runs ahead reads “now”. */
export function ago(at: number, now: number, words: Pick<Words, "day" | "passed">): string {
  const passed = now - at;
  if (passed > 30 * 86_400_000) return words.day(at);
  const [size, unit] = steps.find((step) => passed >= step[0]) || [Infinity, 0 as const];
  return words.passed(Math.floor(passed / size), unit);
}

export function timeElement(at: number, words: Words): HTMLTimeElement {
  return el("time", { datetime: new Date(at).toISOString() }, ago(at, Date.now(), words));
}

/** Brings all times below a node up to date. */
export function tick(root: ParentNode, words: Words): void {
  for (const time of root.querySelectorAll("time")) {
    const text = ago(Date.parse(time.dateTime), Date.now(), words);
    if (time.textContent !== text) time.textContent = text;
  }
}
