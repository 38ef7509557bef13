// Times in words: “3 hours ago”, and the exact one on hover.
// Must never keep more than one timer, however many comments there are.
// Next: view.ts owns the timer and calls tick().
import { around, el } from "./element";
import type { Words } from "./words";

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Relative for a month, then the date. A clock that runs ahead reads “now”. */
export function ago(at: number, now: number, words: Pick<Words, "day" | "passed">): string {
  const passed = now - at;
  if (passed > 30 * 86_400_000) return words.day(at);
  const [unit, size] = steps.find((step) => passed >= step[1]) || ["second", Infinity];
  return words.passed(-Math.floor(Math.max(0, passed) / size), unit);
}

export function timeElement(at: number, words: Words): HTMLTimeElement {
  return el("time", { datetime: new Date(at).toISOString() }, ago(at, Date.now(), words));
}

/** What is left until then, in minutes, rounded up. */
export const minutesLeft = (until: number, words: Words): string =>
  new Intl.NumberFormat(words.language, { style: "unit", unit: "minute" }).format(Math.max(0, Math.ceil((until - Date.now()) / 60_000)));

/** The same in a sentence that `tick` keeps true. */
export const timeLeft = (until: number, words: Words): HTMLElement =>
  el("small", { class: "quiet" }, ...around(words.say("left"), "time", el("span", { "data-until": until }, minutesLeft(until, words))));

/** Brings all times below a node up to date, those that pass and those that run out. */
export function tick(root: ParentNode, words: Words): void {
  for (const left of root.querySelectorAll<HTMLElement>("[data-until]")) left.textContent = minutesLeft(+left.dataset.until!, words);
  for (const time of root.querySelectorAll("time")) {
    const text = ago(Date.parse(time.dateTime), Date.now(), words);
    if (time.textContent !== text) time.textContent = text;
  }
}
