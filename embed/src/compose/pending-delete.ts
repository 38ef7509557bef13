// Deleting one's own comment: gone from sight at once, taken back with one press, told to the server a little later.
// Must never show a comment again that its author deleted, unless the server refused; the page may close meanwhile.
// Next: own-comments.ts changes comments, reader-storage.ts has the tokens.
import { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { recount } from "../thread/layout";
import { takeOut } from "../thread/list";
import type { Item, View } from "../types";
import { erase } from "./write-api";

/** Milliseconds to think better of it. */
const patience = 9_000;

interface Going {
  token: string;
  page: string;
  at: number;
}

const nameOf = (id: number): string => "going:" + id;

export function remove(view: View, item: Item): void {
  const { id } = item.comment;
  const own = view.own.get(id);
  if (!own) return;
  view.keep.set(nameOf(id), { token: own.token, page: view.pageKey, at: now() });
  const undo = cover(view, item);
  undo.focus();
  view.say(view.words.say("write.delete_done"));
  follow(view, id, Math.min(patience, own.until - now() - 1_000));
}

/** Puts a line with the way back in the comment's place. */
function cover(view: View, item: Item): HTMLElement {
  const { say } = view.words;
  const undo = el("button", { type: "button", class: "button", part: "button" }, say("write.undo"));
  undo.addEventListener("click", () => {
    view.keep.drop(nameOf(item.comment.id));
    uncover(item);
    item.article.querySelector<HTMLElement>("[part~=delete]")?.focus();
  });
  item.slot.replaceChildren(el("p", { class: "notice", part: "notice" }, say("write.delete_done"), " ", undo));
  item.article.classList.add("editing");
  return undo;
}

function uncover(item: Item): void {
  item.slot.replaceChildren();
  item.article.classList.remove("editing");
}

/** Tells the server when the time is over, or when the page goes. */
function follow(view: View, id: number, wait: number): void {
  const done = new AbortController();
  const { signal } = done;
  const end = async () => {
    done.abort();
    clearTimeout(timer);
    await finish(view, id);
  };
  const timer = setTimeout(end, wait);
  // Not waited for: if it does not get through, the next visit says it again.
  addEventListener("pagehide", () => going(view, id) && erase(view, id, going(view, id)!.token, true).catch(() => {}), { signal });
  addEventListener("pageshow", end, { signal });
  view.gone.addEventListener("abort", end, { signal });
}

const going = (view: View, id: number): Going | null => view.keep.get<Going>(nameOf(id));

async function finish(view: View, id: number): Promise<void> {
  const known = going(view, id);
  // Taken back, here or in another tab.
  if (!known) return;
  let problem: Problem | undefined;
  try {
    await erase(view, id, known.token, true);
  } catch (thrown) {
    problem = view.failed("delete", thrown);
    // It stays deleted for its author, and is said again at the next visit.
    if (problem.code === "network" || problem.wait) return;
  }
  view.keep.drop(nameOf(id));
  const item = view.items.get(id);
  if (problem) {
    if (item) uncover(item);
    return view.alert(view.explain(problem));
  }
  view.keep.forget([id]);
  view.own.delete(id);
  if (item) {
    const focused = item.article.contains(view.root.activeElement);
    uncover(item);
    if (item.comment.status === "approved") recount(view, -1);
    const next = takeOut(view, item)?.article || view.frame!.heading;
    if (focused) next.focus();
  }
  view.fire("deleted", { id });
}

/** What was deleted on an earlier visit, or stands covered in a list that was drawn anew. */
export function resumeGoing(view: View): void {
  for (const name of view.keep.names("going:")) {
    const id = +name.slice(6);
    const known = going(view, id);
    if (known?.page !== view.pageKey) continue;
    const item = view.items.get(id);
    const left = known.at + patience - now();
    if (item) cover(view, item);
    follow(view, id, left);
  }
}
