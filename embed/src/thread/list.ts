// Draws the lists of comments in slices, and adds pages, replies and single comments to them, each once.
// Must never insert anything above what is being read, and never request what it already has.
// Next: comment.ts draws one comment.
import { createItem, redraw } from "./comment";
import { el } from "../dom/element";
import { updateHeading } from "./layout";
import { nextFrame } from "../dom/yield";
import type { CommentItem, View } from "../types";
import type { Comment } from "../api/api-types";

/**
 * How long one slice draws before the browser may lay out, paint and take input; layout and paint take three times as
 * long.
 */
const SLICE_MS = 4;

/** Draws items one after the other, in slices. False when the list was replaced before the end. */
async function drawInSlices<T>(view: View, things: T[], draw: (thing: T) => void): Promise<boolean> {
  const { generation } = view;
  let start = performance.now();
  for (const thing of things) {
    if (performance.now() - start > SLICE_MS) {
      await nextFrame();
      if (view.generation !== generation || view.signal.aborted) return false;
      start = performance.now();
    }
    draw(thing);
  }
  return true;
}

/** Replaces the list. A later call aborts one that is still drawing. */
export async function drawList(view: View, comments: Comment[]): Promise<void> {
  const { list } = view.layout!;
  view.items.clear();
  list.replaceChildren();
  updateHeading(view);
  drawMoreComments(view);
  view.generation++;
  await drawInSlices(view, flatten(comments), (one) => addListed(view, one));
}

/** A comment, the id of its parent (0 for none), and the ancestor to insert it under when the parent is not drawn. */
type PlacedComment = [Comment, number, number?];

/** Every comment with its parent, in reading order: slices may end within a conversation, which can be hundreds long. */
function flatten(comments: Comment[], parent = 0): PlacedComment[] {
  return comments.flatMap((comment): PlacedComment[] => [
    [comment, parent],
    ...flatten(comment.replies || [], comment.id),
  ]);
}

/** Adds a comment that the server listed, and moves the paging cursor past it. */
function addListed(view: View, [comment, parent, top = 0]: PlacedComment): void {
  const item = add(view, comment, view.items.get(parent) || view.items.get(top) || null);
  if (parent) item.top.lastListedId = Math.max(item.top.lastListedId, comment.id);
  else drawMoreReplies(view, item);
}

/** Inserts one comment at its position; one that is drawn already is updated. */
export function add(view: View, comment: Comment, parent: CommentItem | null): CommentItem {
  const there = view.items.get(comment.id);
  if (there) {
    there.comment = { ...there.comment, ...comment };
    redraw(view, there);
    return there;
  }
  const item = createItem(view, comment, parent);
  view.items.set(comment.id, item);
  const list = parent ? (parent.replies ||= createReplyList(parent)) : view.layout!.list;
  list.insertBefore(item.li, nextSibling(list, comment.id, parent ? "oldest" : view.sort));
  // The estimated height of a conversation until it is drawn. Too low an estimate lets its content overlap the next
  // one.
  const { style } = item.top.li;
  style.setProperty("--tall", String(+style.getPropertyValue("--tall") + 190 + item.article.textContent!.length));
  return item;
}

/** By id, which is by time; where the server orders by votes, in the server's order. */
function nextSibling(list: Element, id: number, sort: string): Element | null {
  if (sort === "best" || sort === "replies") return null;
  let next: Element | null = null;
  for (let at = list.lastElementChild; at; at = at.previousElementSibling) {
    const other = +(at as HTMLElement).dataset.id!;
    if (sort === "newest" ? other > id : other < id) break;
    next = at;
  }
  return next;
}

function createReplyList(parent: CommentItem): HTMLOListElement {
  const list = el("ol", {
    role: "list",
    class: "replies" + (parent.depth > 4 ? " flat" : "") + (parent.depth > 1 ? " narrow" : ""),
  });
  parent.article.after(list);
  return list;
}

/** Removes a comment, or leaves a placeholder when it has replies. */
export function remove(view: View, item: CommentItem): CommentItem | null {
  if (item.replies?.childElementCount || item.comment.more) {
    item.comment = { ...item.comment, status: "deleted", author: null, body: [] };
    redraw(view, item);
    return item;
  }
  const next = (item.li.nextElementSibling || item.li.previousElementSibling) as HTMLElement | null;
  item.li.remove();
  view.items.delete(item.comment.id);
  return (next && view.items.get(+next.dataset.id!)) || item.parent;
}

/** “Show 3 more replies” below a top-level comment, while there are any. */
function drawMoreReplies(view: View, top: CommentItem): void {
  top.li.querySelector(":scope > .more")?.remove();
  if (!top.comment.more) return;
  const button = el(
    "button",
    { type: "button", class: "button more", part: "button more" },
    view.messages.count("replies", top.comment.more),
  );
  button.addEventListener("click", () =>
    whileFetching(view, button, async () => {
      const answer = await view.api.replies(top.comment.id, top.lastListedId);
      top.comment.more = answer.more;
      await appendComments(
        view,
        answer.comments.map((one): PlacedComment => [one, one.parent!, top.comment.id]),
      );
      drawMoreReplies(view, top);
    }),
  );
  top.li.append(button);
}

/** “Show more comments”, while the server has another page. */
export function drawMoreComments(view: View): void {
  const { foot } = view.layout!;
  foot.replaceChildren();
  if (!view.cursor) return;
  const button = el("button", { type: "button", class: "button", part: "button more" }, view.messages.say("more"));
  button.addEventListener("click", () =>
    whileFetching(view, button, async () => {
      const answer = await view.api.thread(view.sort, view.cursor);
      view.cursor = answer.cursor;
      drawMoreComments(view);
      await appendComments(view, flatten(answer.comments));
    }),
  );
  foot.append(button);
}

/** Adds comments, moves the focus to the first new one, and announces how many were added. */
async function appendComments(view: View, placed: PlacedComment[]): Promise<void> {
  const before = view.items.size;
  const fresh = placed.find(([one]) => !view.items.has(one.id));
  await drawInSlices(view, placed, (one) => addListed(view, one));
  if (fresh) view.items.get(fresh[0].id)?.article.focus();
  view.announce(view.messages.count("more_done", view.items.size - before));
}

async function whileFetching(view: View, button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  try {
    await work();
  } catch (thrown) {
    const problem = view.report("load", thrown);
    const text = problem.code === "network" ? view.messages.say("load_failed") : view.errorMessage(problem);
    button.ariaDisabled = null;
    button.textContent = `${text} ${view.messages.say("retry")}`;
    view.alert(text);
  }
}
