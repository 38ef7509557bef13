// Asks the server for the time again where this page's own measure of it cannot be trusted any more.
// Must never ask while nobody looks, nor for a clock that only ran a little differently.
// Next: clock.ts takes the time from any answer.
import { tick } from "../dom/clock";
import type { View } from "../types";

/** Milliseconds between two looks, and by which the two clocks may part in between. */
const interval = 30_000;
const tolerance = 5_000;

/** While a computer sleeps, `performance.now()` stands still in some browsers: then the reader's clock has gone on without it. */
export function resync(view: View): void {
  const apart = () => Date.now() - performance.now();
  let before = apart();
  const look = async () => {
    if (document.hidden || Math.abs(apart() - before) < tolerance) return;
    before = apart();
    // Any answer has the time; this one is in the browser's cache but for that.
    await view.api.thread(view.sort).catch(() => {});
    if (view.gone.aborted) return;
    tick(view.root, view.words);
    view.writing?.tickOwn(view);
  };
  const timer = setInterval(look, interval);
  document.addEventListener("visibilitychange", look, { signal: view.gone });
  addEventListener("pageshow", look, { signal: view.gone });
  view.gone.addEventListener("abort", () => clearInterval(timer));
}
