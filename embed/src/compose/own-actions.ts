// The buttons under a comment of one's own: Edit, Delete and how long they work.
// Must never offer what the server would refuse.
// Next: own-comments.ts edits, pending-delete.ts deletes, edit-window.ts says how long.
import { now } from "../dom/clock";
import type { CommentItem, View } from "../types";
import { timeLeft } from "./edit-window";
import { edit } from "./own-comments";
import { deleteWithUndo } from "./pending-delete";

/** Adds the buttons of a comment's author, as long as they work. */
export function ownActions(
  view: View,
  item: CommentItem,
  bar: HTMLElement,
  action: (word: "edit" | "delete", act: () => void) => Node,
): void {
  const right = view.editRights.get(item.comment.id);
  if (!right || right.until <= now()) return;
  bar.append(
    action("edit", () => edit(view, item)),
    action("delete", () => deleteWithUndo(view, item)),
    timeLeft(right.until, view.messages),
  );
}
