// What came since this reader was here last, without an account: marked, and one press from one to the next.
// Must never call a reader's own comment new, nor everything on a first visit.
// Next: live.ts brings more while they read, reader-storage.ts remembers.
import { el } from "../dom/element";
import type { View } from "../types";
import type { Dress } from "./decorate";

export interface Fresh {
  mark: Dress;
  /** Calls what came just now unread, and goes to the first of it. */
  arrived(ids: number[]): void;
  /** Where news stand without moving anything. */
  bar: HTMLElement;
}

export function unread(view: View): Fresh {
  const { keep, words } = view;
  const name = "seen:" + view.pageKey;
  const last = keep.get<number>(name);
  /** Those still to be read, and those that were. */
  const fresh = new Set<number>();
  const read = new Set<number>();

  const leave = () => keep.set(name, Math.max(last || 0, ...view.items.keys()));
  if (!last) leave();
  addEventListener("pagehide", leave, { signal: view.gone });
  document.addEventListener("visibilitychange", () => document.hidden && leave(), { signal: view.gone });

  const next = el("button", { type: "button", class: "button news", part: "button next", hidden: true });
  const bar = el("div", { class: "bar" }, next);
  view.frame!.foot.after(bar);
  const count = () => {
    next.hidden = !fresh.size;
    next.textContent = `${words.say("later.next")} (${words.number(fresh.size)})`;
  };

  /** In the order of the page, from where the reader is; around the corner at the end. */
  const inOrder = () => [...view.frame!.list.querySelectorAll<HTMLElement>("article")].filter(({ id }) => fresh.has(+id.slice(8)));
  const go = () => {
    const all = inOrder();
    const at = view.root.activeElement?.closest("article");
    const below = at && all.find((one) => at.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && one !== at);
    const to = below || all[0];
    if (!to) return;
    const id = +to.id.slice(8);
    fresh.delete(id);
    read.add(id);
    count();
    view.part("permalink").then(({ follow }) => follow(view, to.id)).catch((thrown) => view.failed("link", thrown));
  };
  next.addEventListener("click", go);

  const mark: Dress = ({ comment, article }) => {
    const { id, author } = comment;
    if (last && id > last && author && !read.has(id) && !view.own.has(id) && !keep.mine().some((one) => one.id === id)) fresh.add(id);
    if (!fresh.has(id) || article.querySelector(".unread")) return;
    article.querySelector(".head .time")?.after(el("span", { class: "unread", part: "unread" }, words.say("later.unread")));
    count();
  };
  return {
    mark,
    bar,
    arrived(ids) {
      for (const id of ids) {
        const item = view.items.get(id);
        if (!item) continue;
        fresh.add(id);
        mark(item);
      }
      count();
      go();
    },
  };
}
