// Finds the comment that the address names, loads its conversation if it is missing, and scrolls to it.
// Must never change the page's address, and never hide that only a part of the thread is shown.
// Next: thread-view.ts loads this where the address names a comment; list.ts draws the conversation.
import { showNotice } from "./layout";
import { drawList } from "./list";
import type { LinkedComment, CommentItem, View } from "../types";
import type { Comment } from "../api/api-types";

export const contains = (comments: Comment[], id: number): boolean =>
  comments.some((one) => one.id === id || contains(one.replies || [], id));

/**
 * Looks among the drawn comments, then asks the server: for our own ids, and for the ids that imported comments had
 * before.
 */
export async function find(
  view: View,
  here: (id: number) => boolean,
  requested?: string,
): Promise<LinkedComment | undefined> {
  const name = requested || location.hash.slice(1);
  if (!/^(isso-\d+|remark42__comment-[\w-]+|comment-\d+)$/.test(name)) return;
  // An id that the page itself has is not ours.
  const there = !requested && document.getElementById(name);
  if (there && !view.host.contains(there)) return;
  const ownId = name[0] === "c" ? +name.slice(8) : 0;
  if (here(ownId)) return { id: ownId };
  try {
    const { id = ownId, thread, comments } = await view.api.comment(ownId ? String(ownId) : name);
    // The comment belongs to another thread; a second thread on this page may find it.
    if (thread.id === view.thread.id) return here(id) ? { id } : { id, conversation: comments };
  } catch (thrown) {
    view.report("link", thrown);
    showNotice(view, "gone");
    view.announce(view.messages.say("gone"));
  }
  return;
}

/** Scrolls to the comment; shows its conversation in place of the list where the list lacks it. */
export async function show(view: View, { id, conversation }: LinkedComment): Promise<void> {
  if (conversation) {
    view.cursor = null;
    await drawList(view, conversation);
    showNotice(view, "branch", "show_all", () => showAll(view));
  }
  const item = view.items.get(id);
  if (item) reveal(item);
}

/** Loads the whole thread again, after one conversation of it. */
async function showAll(view: View): Promise<void> {
  const shown = await view.load(view.api.thread(view.sort));
  if (!shown) return showNotice(view, "load_failed", "retry", () => showAll(view));
  showNotice(view, null);
  view.layout!.heading.focus();
}

/** Goes to the comment that the address names now, or to the given one. */
export async function follow(view: View, name?: string): Promise<void> {
  const found = await find(view, (id) => view.items.has(id), name);
  if (found) await show(view, found);
}

/** Scrolls to a comment and moves the focus there, as a browser does for a fragment of the page itself. */
export function reveal(item: CommentItem, block: ScrollLogicalPosition = "start"): void {
  const { article } = item;
  let folded;
  while ((folded = article.closest(".folded"))) folded.querySelector<HTMLElement>(".fold")!.click();
  (article.getRootNode() as ShadowRoot).querySelector(".target")?.classList.remove("target");
  if (block === "start") article.classList.add("target");
  // Content skipped off screen has an estimated height until it comes near: scroll, wait for layout, scroll again.
  let times = 3;
  const go = () => {
    article.scrollIntoView({ block });
    if (--times) requestAnimationFrame(go);
  };
  go();
  article.focus({ preventScroll: true });
}
