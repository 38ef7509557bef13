// The server's clock, and relative times in words: “3 hours ago”.
// Must never ask the reader's clock what time it is: it measures durations, and may be hours wrong.
// Next: thread-view.ts owns the timer and calls refreshTimes().
import { el } from "./element";
import type { Messages } from "../i18n/messages";

/** What the server's clock said when this page's began; 0 as long as no answer came. */
let serverEpoch = 0;

/**
 * Takes the time from an answer's `Date`, which has no fractions: rather late than early, so that nothing is offered
 * that the server refuses. One that some cache has kept is older than what is known.
 */
export function syncClock(date: string | null): void {
  serverEpoch = Math.max(serverEpoch, Date.parse(date || "") + 999 - performance.now() || 0);
}

/** Milliseconds since 1970 by the server's clock. */
export const now = (): number => (serverEpoch ? serverEpoch + performance.now() : Date.now());

/** Milliseconds, and the unit's place in messages.ts. */
const UNITS_MS: [number, 1 | 2 | 3][] = [
  [86_400_000, 3],
  [3_600_000, 2],
  [60_000, 1],
];

/** Relative for a month, then the date. A clock that runs ahead reads “now”. */
export function relativeTime(at: number, moment: number, messages: Pick<Messages, "date" | "relative">): string {
  const passed = moment - at;
  if (passed > 30 * 86_400_000) return messages.date(at);
  const [size, unit] = UNITS_MS.find((step) => passed >= step[0]) || [Infinity, 0 as const];
  return messages.relative(Math.floor(passed / size), unit);
}

export function timeElement(at: number, messages: Messages): HTMLTimeElement {
  return el("time", { datetime: new Date(at).toISOString() }, relativeTime(at, now(), messages));
}

/** Brings all times below a node up to date. */
export function refreshTimes(root: ParentNode, messages: Messages): void {
  for (const time of root.querySelectorAll("time")) {
    const text = relativeTime(Date.parse(time.dateTime), now(), messages);
    if (time.textContent !== text) time.textContent = text;
  }
}
