// The buttons under a comment of one's own: Edit, Delete and how long they work.
// Must never offer what the server would refuse.
// Next: own-comments.ts edits, pending-delete.ts deletes, edit-window.ts says how long.
import { now } from "../dom/clock";
import type { Item, View } from "../types";
import { timeLeft } from "./edit-window";
import { edit } from "./own-comments";
import { remove } from "./pending-delete";

/** Adds the buttons of a comment's author, as long as they work. */
export function ownActions(view: View, item: Item, bar: HTMLElement, action: (word: "edit" | "delete", act: () => void) => Node): void {
  const own = view.own.get(item.comment.id);
  if (!own || own.until <= now()) return;
  bar.append(
    action("edit", () => edit(view, item)),
    action("delete", () => remove(view, item)),
    timeLeft(own.until, view.words),
  );
}
