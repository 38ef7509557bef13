// Deletes a reader's own comment after a delay in which it can be undone.
// Must never show a deleted comment again, unless the server refused, also when the page closes during the delay.
// Next: own-comments.ts edits comments, reader-storage.ts has the tokens.
import type { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { changeCount } from "../thread/layout";
import { remove } from "../thread/list";
import type { CommentItem, View } from "../types";
import { deleteComment } from "./write-api";

/** The time for which Undo is offered. */
const DELETE_UNDO_MS = 9_000;

interface PendingDelete {
  token: string;
  page: string;
  at: number;
}

const storageKey = (id: number): string => "going:" + id;

export function deleteWithUndo(view: View, item: CommentItem): void {
  const { id } = item.comment;
  const right = view.editRights.get(id);
  if (!right) return;
  view.storage.set(storageKey(id), { token: right.token, page: view.pageKey, at: now() });
  const undo = showUndo(view, item);
  undo.focus();
  view.announce(view.messages.say("write.delete_done"));
  schedule(view, id, Math.min(DELETE_UNDO_MS, right.until - now() - 1_000));
}

/** Replaces the comment by a line with an Undo button. */
function showUndo(view: View, item: CommentItem): HTMLElement {
  const { say } = view.messages;
  const undo = el("button", { type: "button", class: "button", part: "button" }, say("write.undo"));
  undo.addEventListener("click", () => {
    view.storage.remove(storageKey(item.comment.id));
    hideUndo(item);
    item.article.querySelector<HTMLElement>("[part~=delete]")?.focus();
  });
  item.slot.replaceChildren(el("p", { class: "notice", part: "notice" }, say("write.delete_done"), " ", undo));
  item.article.classList.add("editing");
  return undo;
}

function hideUndo(item: CommentItem): void {
  item.slot.replaceChildren();
  item.article.classList.remove("editing");
}

/** Sends the request when the delay is over, or when the page unloads. */
function schedule(view: View, id: number, wait: number): void {
  const done = new AbortController();
  const { signal } = done;
  const end = async () => {
    done.abort();
    clearTimeout(timer);
    await finish(view, id);
  };
  const timer = setTimeout(end, wait);
  // Not awaited: if the request does not arrive, the next visit sends it again.
  addEventListener(
    "pagehide",
    () => pendingDelete(view, id) && deleteComment(view, id, pendingDelete(view, id)!.token, true).catch(() => {}),
    { signal },
  );
  addEventListener("pageshow", end, { signal });
  view.signal.addEventListener("abort", end, { signal });
}

const pendingDelete = (view: View, id: number): PendingDelete | null => view.storage.get<PendingDelete>(storageKey(id));

async function finish(view: View, id: number): Promise<void> {
  const pending = pendingDelete(view, id);
  // Undone, here or in another tab.
  if (!pending) return;
  let problem: Problem | undefined;
  try {
    await deleteComment(view, id, pending.token, true);
  } catch (thrown) {
    problem = view.report("delete", thrown);
    // It stays hidden from its author, and the next visit sends it again.
    if (problem.code === "network" || problem.retryAfter) return;
  }
  view.storage.remove(storageKey(id));
  const item = view.items.get(id);
  if (problem) {
    if (item) hideUndo(item);
    return view.alert(view.errorMessage(problem));
  }
  view.storage.removeOwnComments([id]);
  view.editRights.delete(id);
  if (item) {
    const focused = item.article.contains(view.root.activeElement);
    hideUndo(item);
    if (item.comment.status === "approved") changeCount(view, -1);
    const next = remove(view, item)?.article || view.layout!.heading;
    if (focused) next.focus();
  }
  view.dispatch("deleted", { id });
}

/** Deletes that an earlier visit left pending, and comments that are hidden in a list that was drawn again. */
export function resumePendingDeletes(view: View): void {
  for (const name of view.storage.keys("going:")) {
    const id = +name.slice(6);
    const known = pendingDelete(view, id);
    if (known?.page !== view.pageKey) continue;
    const item = view.items.get(id);
    const remaining = known.at + DELETE_UNDO_MS - now();
    if (item) showUndo(view, item);
    schedule(view, id, remaining);
  }
}
