// What an author may still do to a comment of theirs, and for how long.
// Must never offer what the server would refuse, nor take a button away that has the focus.
// Next: own-comments.ts edits, pending-delete.ts deletes; composer.ts calls what is here.
import { now } from "../dom/clock";
import { around, el } from "../dom/element";
import { refresh } from "../thread/comment";
import type { View } from "../types";

/** In minutes, rounded up. */
export const minutesLeft = (until: number, language: string): string =>
  new Intl.NumberFormat(language, { style: "unit", unit: "minute" }).format(Math.max(0, Math.ceil((until - now()) / 60_000)));

/** In a sentence. */
export const timeLeft = (until: number, { say, language }: View["words"]): HTMLElement =>
  el("small", { class: "quiet" }, ...around(say("left"), "time", el("span", { "data-until": until }, minutesLeft(until, language))));

/** Once a minute: what is left, and what has run out. */
export function tickOwn(view: View): void {
  for (const left of view.root.querySelectorAll<HTMLElement>("[data-until]")) left.textContent = minutesLeft(+left.dataset.until!, view.words.language);
  for (const [id, own] of view.own) {
    const item = view.items.get(id);
    if (own.until > now() || item?.form || item?.article.contains(view.root.activeElement)) continue;
    view.own.delete(id);
    if (item) refresh(view, item);
  }
}
