// The buttons under a reader's own comment: Edit and Delete, with the time that is left.
// Must never offer what the server would refuse.
// Next: own-comments.ts edits, pending-delete.ts deletes, edit-window.ts has the remaining time.
import { now } from "../dom/clock";
import type { CommentItem, View } from "../types";
import { timeLeft } from "./edit-window";
import { edit } from "./own-comments";
import { deleteWithUndo } from "./pending-delete";

/** Adds the author's buttons while the edit window is open. */
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
