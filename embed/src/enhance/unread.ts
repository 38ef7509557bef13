// Marks the comments that are new since the reader's last visit, and moves the focus from one to the next.
// Must never mark a reader's own comment as new, nor everything on a first visit.
// Next: live.ts adds more while the page is open, reader-storage.ts stores the last visit.
import { el } from "../dom/element";
import type { View } from "../types";
import type { Decorator } from "./decorate";

export interface UnreadMarks {
  mark: Decorator;
  /** Marks the comments just inserted as unread, and goes to the first of them. */
  showNew(ids: number[]): void;
  /** The place for controls of new comments, which moves no other content. */
  bar: HTMLElement;
}

export function markUnread(view: View): UnreadMarks {
  const { storage, messages } = view;
  const name = "seen:" + view.pageKey;
  const last = storage.get<number>(name);
  /** The unread comments, and those that were read. */
  const fresh = new Set<number>();
  const read = new Set<number>();

  const leave = () => storage.set(name, Math.max(last || 0, ...view.items.keys()));
  if (!last) leave();
  addEventListener("pagehide", leave, { signal: view.signal });
  document.addEventListener("visibilitychange", () => document.hidden && leave(), { signal: view.signal });

  const next = el("button", { type: "button", class: "button news", part: "button next", hidden: true });
  const bar = el("div", { class: "bar" }, next);
  view.layout!.foot.after(bar);
  const count = () => {
    next.hidden = !fresh.size;
    next.textContent = `${messages.say("later.next")} (${messages.formatNumber(fresh.size)})`;
  };

  /** In document order from the reader's position, continuing from the top after the last. */
  const inOrder = () =>
    [...view.layout!.list.querySelectorAll<HTMLElement>("article")].filter(({ id }) => fresh.has(+id.slice(8)));
  const go = () => {
    const all = inOrder();
    const at = view.root.activeElement?.closest("article");
    const below =
      at && all.find((one) => at.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && one !== at);
    const to = below || all[0];
    if (!to) return;
    const id = +to.id.slice(8);
    fresh.delete(id);
    read.add(id);
    count();
    view
      .part("permalink")
      .then(({ follow }) => follow(view, to.id))
      .catch((thrown) => view.report("link", thrown));
  };
  next.addEventListener("click", go);

  const mark: Decorator = ({ comment, article }) => {
    const { id, author } = comment;
    if (
      last &&
      id > last &&
      author &&
      !read.has(id) &&
      !view.editRights.has(id) &&
      !storage.ownComments().some((one) => one.id === id)
    )
      fresh.add(id);
    if (!fresh.has(id) || article.querySelector(".unread")) return;
    article
      .querySelector(".head .time")
      ?.after(el("span", { class: "unread", part: "unread" }, messages.say("later.unread")));
    count();
  };
  return {
    mark,
    bar,
    showNew(ids) {
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
