// The server's clock, and relative times in words: “3 hours ago”.
// Must never take the time of day from the reader's clock, which may be hours wrong; it only measures durations.
// Next: thread-view.ts owns the timer and calls refreshTimes().
import { el } from "./element";
import type { Messages } from "../i18n/messages";

/**
 * The server's time when this page's `performance.now()` was 0, in milliseconds since 1970; 0 until the first response.
 */
let serverEpoch = 0;

/**
 * Sets the clock from a response's `Date` header. `Date` has whole seconds, so the clock is set late rather than early:
 * no action is offered that the server refuses. A response from a cache has an older date and changes nothing.
 */
export function syncClock(date: string | null): void {
  serverEpoch = Math.max(serverEpoch, Date.parse(date || "") + 999 - performance.now() || 0);
}

/** The server's time in milliseconds since 1970. */
export const now = (): number => (serverEpoch ? serverEpoch + performance.now() : Date.now());

/** Milliseconds per unit, and the unit's index in messages.ts. */
const UNITS_MS: [number, 1 | 2 | 3][] = [
  [86_400_000, 3],
  [3_600_000, 2],
  [60_000, 1],
];

/** Relative for 30 days, then the date. A time in the future reads “now”. */
export function relativeTime(at: number, moment: number, messages: Pick<Messages, "date" | "relative">): string {
  const passed = moment - at;
  if (passed > 30 * 86_400_000) return messages.date(at);
  const [size, unit] = UNITS_MS.find((step) => passed >= step[0]) || [Infinity, 0 as const];
  return messages.relative(Math.floor(passed / size), unit);
}

export function timeElement(at: number, messages: Messages): HTMLTimeElement {
  return el("time", { datetime: new Date(at).toISOString() }, relativeTime(at, now(), messages));
}

/** Rewrites all relative times below a node. */
export function refreshTimes(root: ParentNode, messages: Messages): void {
  for (const time of root.querySelectorAll("time")) {
    const text = relativeTime(Date.parse(time.dateTime), now(), messages);
    if (time.textContent !== text) time.textContent = text;
  }
}
