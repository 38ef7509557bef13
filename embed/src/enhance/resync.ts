// Requests the server's time again when the page's clock has drifted, for example after sleep.
// Must never send a request while the page is hidden, nor for a drift within the tolerance.
// Next: clock.ts takes the time from any response.
import { refreshTimes } from "../dom/clock";
import type { View } from "../types";

/** The interval between two checks, and the drift between the two clocks that is tolerated in it. */
const CHECK_EVERY_MS = 30_000;
const TOLERANCE_MS = 5_000;

/** In some browsers `performance.now()` stops while a computer sleeps; the reader's clock does not. */
export function watchClock(view: View): void {
  const clockOffset = () => Date.now() - performance.now();
  let before = clockOffset();
  const check = async () => {
    if (document.hidden || Math.abs(clockOffset() - before) < TOLERANCE_MS) return;
    before = clockOffset();
    // Any response has the time. This one costs little: the browser's cache has its body.
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
