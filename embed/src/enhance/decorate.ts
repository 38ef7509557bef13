// Finds every comment that is drawn, now or later, for those that add something to it: a little at a time.
// Must never hold up the reader: what takes longer than a moment goes on after the browser has painted.
// Next: collapse.ts, parent-preview.ts and unread.ts say what is added.
import type { Item, View } from "../types";

/** Adds to a comment; called again whenever it is drawn anew, and when its first reply comes. */
export type Dress = (item: Item) => void;

/** Milliseconds at a stretch. */
const slice = 6;

export function dress(view: View, ...dresses: Dress[]): void {
  const waiting = new Set<Item>();
  let going = false;
  const go = () => {
    const start = performance.now();
    for (const item of waiting) {
      waiting.delete(item);
      if (item.li.isConnected) for (const one of dresses) one(item);
      if (performance.now() - start > slice) break;
    }
    going = waiting.size > 0 && !view.gone.aborted;
    if (going) setTimeout(go);
  };
  const want = (element: Element | null) => {
    const item = view.items.get(+(element?.closest("li")?.dataset.id || 0));
    if (item) waiting.add(item);
    if (waiting.size && !going) {
      going = true;
      setTimeout(go);
    }
  };
  const seen = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        // A comment drawn anew has a new head; a list of replies changes what stands above it.
        if (node.matches(".head, .replies")) want(target as Element);
        for (const head of node.querySelectorAll(".head")) want(head);
        if (node.matches("li")) want((target as Element).parentElement);
      }
    }
  });
  seen.observe(view.frame!.list, { childList: true, subtree: true });
  view.gone.addEventListener("abort", () => seen.disconnect());
  for (const item of view.items.values()) want(item.li);
}
