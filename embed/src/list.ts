// The ordered lists of comments: drawn in slices, extended by pages and replies, each comment in its place and there once.
// Must never put anything above what is being read, and never ask for what it already has.
// Next: comment.ts draws one comment.
import { makeItem, refresh } from "./comment";
import { el } from "./element";
import { drawHeading, notify } from "./frame";
import type { Item, View } from "./view";
import type { Comment } from "./wire";

/** How many comments are drawn before the browser may paint and take input again. */
const slice = 20;
const rest = () => new Promise((go) => setTimeout(go));

/** Replaces the list. A later call wins over one that is still drawing. */
export async function drawList(view: View, comments: Comment[]): Promise<void> {
  const { list } = view.frame!;
  view.items.clear();
  list.replaceChildren();
  drawHeading(view);
  drawFoot(view);
  await append(view, comments);
}

async function append(view: View, comments: Comment[]): Promise<void> {
  const { list } = view.frame!;
  const mark = {};
  drawing.set(list, mark);
  let drawn = 0;
  for (const comment of comments) {
    if (drawn >= slice) {
      drawn = 0;
      await rest();
      if (drawing.get(list) !== mark || view.gone.aborted) return;
    }
    drawn += addTree(view, comment, null);
  }
}

const drawing = new WeakMap<Node, object>();

/** A comment and all that came below it; how many that were. */
function addTree(view: View, comment: Comment, parent: Item | null): number {
  let drawn = 1;
  const item = add(view, comment, parent);
  item.top.listed = Math.max(item.top.listed, parent ? comment.id : 0);
  for (const reply of comment.replies || []) drawn += addTree(view, reply, item);
  if (!parent) drawMore(view, item);
  return drawn;
}

/** Puts one comment where it belongs; one that is there already is brought up to date. */
export function add(view: View, comment: Comment, parent: Item | null): Item {
  const there = view.items.get(comment.id);
  if (there) {
    there.comment = { ...there.comment, ...comment };
    refresh(view, there);
    return there;
  }
  const item = makeItem(view, comment, parent);
  view.items.set(comment.id, item);
  const list = parent ? (parent.replies ||= repliesOf(parent)) : view.frame!.list;
  list.insertBefore(item.li, successor(list, comment.id, parent ? "oldest" : view.sort));
  return item;
}

/** By id, which is by time, unless the server orders by votes: then where it came. */
function successor(list: Element, id: number, sort: string): Element | null {
  if (sort === "best") return null;
  let next: Element | null = null;
  for (let at = list.lastElementChild; at; at = at.previousElementSibling) {
    const other = +(at as HTMLElement).dataset.id!;
    if (sort === "newest" ? other > id : other < id) break;
    next = at;
  }
  return next;
}

function repliesOf(parent: Item): HTMLOListElement {
  const list = el("ol", { role: "list", class: "replies" + (parent.depth > 4 ? " flat" : "") + (parent.depth > 1 ? " narrow" : "") });
  parent.article.after(list);
  return list;
}

/** Takes a comment out, or leaves its place marked when others stand below it. */
export function takeOut(view: View, item: Item): Item | null {
  if (item.replies?.childElementCount || item.comment.more) {
    item.comment = { ...item.comment, status: "deleted", author: null, body: [] };
    refresh(view, item);
    return item;
  }
  const next = (item.li.nextElementSibling || item.li.previousElementSibling) as HTMLElement | null;
  item.li.remove();
  view.items.delete(item.comment.id);
  return (next && view.items.get(+next.dataset.id!)) || item.parent;
}

/** “Show 3 more replies” below a top-level comment, as long as there are any. */
function drawMore(view: View, top: Item): void {
  top.li.querySelector(":scope > .more")?.remove();
  if (!top.comment.more) return;
  const button = el("button", { type: "button", class: "button more", part: "button more" }, view.words.count("replies", top.comment.more));
  button.addEventListener("click", () =>
    fetching(view, button, async () => {
      const answer = await view.api.replies(top.comment.id, top.listed);
      top.comment.more = answer.more;
      extended(view, answer.comments, (comment) => {
        top.listed = Math.max(top.listed, comment.id);
        return add(view, comment, view.items.get(comment.parent!) || top);
      });
      drawMore(view, top);
    }),
  );
  top.li.append(button);
}

/** “Show more comments”, as long as the server has a further page. */
export function drawFoot(view: View): void {
  const { foot } = view.frame!;
  foot.replaceChildren();
  if (!view.cursor) return;
  const button = el("button", { type: "button", class: "button", part: "button more" }, view.words.say("more"));
  button.addEventListener("click", () =>
    fetching(view, button, async () => {
      const answer = await view.api.thread(view.sort, view.cursor);
      view.cursor = answer.cursor;
      drawFoot(view);
      extended(view, answer.comments, (comment) => {
        addTree(view, comment, null);
        return view.items.get(comment.id)!;
      });
    }),
  );
  foot.append(button);
}

/** Adds comments, goes to the first that is new, and says how many there are. */
function extended(view: View, comments: Comment[], put: (comment: Comment) => Item): void {
  let first: Item | null = null;
  const before = view.items.size;
  for (const comment of comments) {
    const fresh = !view.items.has(comment.id);
    const item = put(comment);
    if (fresh) first ||= item;
  }
  first?.article.focus();
  view.say(view.words.count("more_done", view.items.size - before));
}

async function fetching(view: View, button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  try {
    notify(view, null);
    await work();
  } catch (thrown) {
    const problem = view.failed("load", thrown);
    const text = problem.code === "network" ? view.words.say("load_failed") : view.explain(problem);
    button.ariaDisabled = null;
    button.textContent = `${text} ${view.words.say("retry")}`;
    view.alert(text);
  }
}
