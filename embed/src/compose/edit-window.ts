// The time that an author has left to edit or delete a comment, shown in minutes.
// Must never offer what the server would refuse, nor remove a button that has the focus.
// Next: own-comments.ts edits, pending-delete.ts deletes; composer.ts calls this.
import { now } from "../dom/clock";
import { interpolate, el } from "../dom/element";
import { redraw } from "../thread/comment";
import type { View } from "../types";

/** The remaining minutes, rounded up. */
export const minutesLeft = (until: number, language: string): string =>
  new Intl.NumberFormat(language, { style: "unit", unit: "minute" }).format(
    Math.max(0, Math.ceil((until - now()) / 60_000)),
  );

/** The remaining time as a sentence. */
export const timeLeft = (until: number, { say, language }: View["messages"]): HTMLElement =>
  el(
    "small",
    { class: "quiet" },
    ...interpolate(say("left"), "time", el("span", { "data-until": until }, minutesLeft(until, language))),
  );

/** Runs once a minute: updates the remaining time, and removes actions that have expired. */
export function refreshEditWindows(view: View): void {
  for (const label of view.root.querySelectorAll<HTMLElement>("[data-until]"))
    label.textContent = minutesLeft(+label.dataset.until!, view.messages.language);
  for (const [id, right] of view.editRights) {
    const item = view.items.get(id);
    if (right.until > now() || item?.form || item?.article.contains(view.root.activeElement)) continue;
    view.editRights.delete(id);
    if (item) redraw(view, item);
  }
}
