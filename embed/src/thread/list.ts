// The ordered lists of comments: drawn in slices, extended by pages and replies, each comment in its place and there once.
// Must never put anything above what is being read, and never ask for what it already has.
// Next: comment.ts draws one comment.
import { makeItem, refresh } from "./comment";
import { el } from "../dom/element";
import { drawHeading } from "./layout";
import { rest } from "../dom/yield";
import type { Item, View } from "../types";
import type { Comment } from "../api/api-types";

/** Milliseconds of drawing before the browser may lay out, paint and take input again, which takes it thrice as long. */
const slice = 4;

/** Does one after the other in slices; false when the list was begun anew meanwhile. */
async function sliced<T>(view: View, things: T[], draw: (thing: T) => void): Promise<boolean> {
  const { round } = view;
  let start = performance.now();
  for (const thing of things) {
    if (performance.now() - start > slice) {
      await rest();
      if (view.round !== round || view.gone.aborted) return false;
      start = performance.now();
    }
    draw(thing);
  }
  return true;
}

/** Replaces the list. A later call wins over one that is still drawing. */
export async function drawList(view: View, comments: Comment[]): Promise<void> {
  const { list } = view.frame!;
  view.items.clear();
  list.replaceChildren();
  drawHeading(view);
  drawFoot(view);
  view.round++;
  await sliced(view, inOrder(comments), (one) => addListed(view, one));
}

/** A comment, the id of the one below which it stands (0 for none), and whose place that takes where it is not drawn. */
type Placed = [Comment, number, number?];

/** Every comment with what it answers, as they are read: a single conversation may be hundreds of them long. */
function inOrder(comments: Comment[], parent = 0): Placed[] {
  return comments.flatMap((comment): Placed[] => [[comment, parent], ...inOrder(comment.replies || [], comment.id)]);
}

/** Adds a comment that the server listed: what it lists further begins behind it. */
function addListed(view: View, [comment, parent, top = 0]: Placed): void {
  const item = add(view, comment, view.items.get(parent) || view.items.get(top) || null);
  if (parent) item.top.listed = Math.max(item.top.listed, comment.id);
  else drawMore(view, item);
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
  // How tall a conversation is taken to be until it is drawn: too little, and what is in it lies over the next one.
  const { style } = item.top.li;
  style.setProperty("--tall", String(+style.getPropertyValue("--tall") + 190 + item.article.textContent!.length));
  return item;
}

/** By id, which is by time, unless the server orders by votes: then where it came. */
function successor(list: Element, id: number, sort: string): Element | null {
  if (sort === "best" || sort === "replies") return null;
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
      await extended(view, answer.comments.map((one): Placed => [one, one.parent!, top.comment.id]));
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
      await extended(view, inOrder(answer.comments));
    }),
  );
  foot.append(button);
}

/** Adds comments, goes to the first that is new, and says how many there are. */
async function extended(view: View, placed: Placed[]): Promise<void> {
  const before = view.items.size;
  const fresh = placed.find(([one]) => !view.items.has(one.id));
  await sliced(view, placed, (one) => addListed(view, one));
  if (fresh) view.items.get(fresh[0].id)?.article.focus();
  view.say(view.words.count("more_done", view.items.size - before));
}

async function fetching(view: View, button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  try {
    await work();
  } catch (thrown) {
    const problem = view.failed("load", thrown);
    const text = problem.code === "network" ? view.words.say("load_failed") : view.explain(problem);
    button.ariaDisabled = null;
    button.textContent = `${text} ${view.words.say("retry")}`;
    view.alert(text);
  }
}
