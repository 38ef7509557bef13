// Asks the server for the time again when the page's clock has drifted, for example after sleep.
// Must never ask while nobody looks, nor for a clock that only ran a little differently.
// Next: clock.ts takes the time from any answer.
import { refreshTimes } from "../dom/clock";
import type { View } from "../types";

/** Milliseconds between two looks, and by which the two clocks may part in between. */
const CHECK_EVERY_MS = 30_000;
const TOLERANCE_MS = 5_000;

/**
 * While a computer sleeps, `performance.now()` stands still in some browsers: then the reader's clock has gone on
 * without it.
 */
export function watchClock(view: View): void {
  const clockOffset = () => Date.now() - performance.now();
  let before = clockOffset();
  const check = async () => {
    if (document.hidden || Math.abs(clockOffset() - before) < TOLERANCE_MS) return;
    before = clockOffset();
    // Any answer has the time; this one is in the browser's cache but for that.
    await view.api.thread(view.sort).catch(() => {});
    if (view.signal.aborted) return;
    refreshTimes(view.root, view.messages);
    view.loadedComposer?.refreshEditWindows(view);
  };
  const timer = setInterval(check, CHECK_EVERY_MS);
  document.addEventListener("visibilitychange", check, { signal: view.signal });
  addEventListener("pageshow", check, { signal: view.signal });
  view.signal.addEventListener("abort", () => clearInterval(timer));
}
