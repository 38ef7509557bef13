// Links to one comment: browsers do not look for #comment-12 inside a shadow tree, so this does.
// Must never change the page's address, and never hide that only a part of the thread is shown.
// Next: list.ts draws what is found, frame.ts has the way back to all.
import { notify, showAll } from "./frame";
import { drawList } from "./list";
import { linkedComment } from "./page";
import type { Item, View } from "./view";
import type { Comment } from "./wire";

export const contains = (comments: Comment[], id: number): boolean => comments.some((one) => one.id === id || contains(one.replies || [], id));

/** Goes to the comment that the address names, fetching its conversation when it is not drawn. */
export async function follow(view: View, drawn = false): Promise<void> {
  const id = linkedComment(location.hash);
  const item = view.items.get(id);
  if (item) reveal(item);
  else if (id && !drawn) await showBranch(view, id);
}

/** Shows one conversation instead of the list; false when there is no such comment here. */
export async function showBranch(view: View, id: number): Promise<boolean> {
  try {
    const { thread, comments } = await view.api.comment(id);
    // A comment of another thread: a second thread on this page will know it.
    if (thread.id !== view.thread.id) return false;
    view.cursor = null;
    await drawList(view, comments);
    notify(view, "branch", "show_all", () => showAll(view));
    const item = view.items.get(id);
    if (item) reveal(item);
    return true;
  } catch (thrown) {
    view.failed("link", thrown);
    notify(view, "gone");
    view.say(view.words.say("gone"));
    return false;
  }
}

/** Scrolls to a comment and moves the focus there, as a browser does with a fragment of the page itself. */
export function reveal(item: Item, block: ScrollLogicalPosition = "start"): void {
  const { article } = item;
  for (const other of (article.getRootNode() as ShadowRoot).querySelectorAll(".target")) other.classList.remove("target");
  if (block === "start") article.classList.add("target");
  // What is skipped off screen has a guessed height until it comes near: go there, let it settle, go again.
  let times = 3;
  const go = () => {
    article.scrollIntoView({ block });
    if (--times) requestAnimationFrame(go);
  };
  go();
  article.focus({ preventScroll: true });
}
