// Runs decorators on every comment, now and whenever one is drawn, in slices of a few milliseconds.
// Must never block input: work past one slice continues after the browser has painted.
// Next: collapse.ts, parent-preview.ts and unread.ts are decorators.
import type { CommentItem, View } from "../types";

/** Adds to a comment. Called whenever the comment is drawn, and when its first reply comes. */
export type Decorator = (item: CommentItem) => void;

/** The length of one slice. */
const SLICE_MS = 6;

export function decorate(view: View, ...decorators: Decorator[]): void {
  const queue = new Set<CommentItem>();
  let scheduled = false;
  const run = () => {
    const start = performance.now();
    for (const item of queue) {
      queue.delete(item);
      if (item.li.isConnected) for (const one of decorators) one(item);
      if (performance.now() - start > SLICE_MS) break;
    }
    scheduled = queue.size > 0 && !view.signal.aborted;
    if (scheduled) setTimeout(run);
  };
  const enqueue = (element: Element | null) => {
    const item = view.items.get(+(element?.closest("li")?.dataset.id || 0));
    if (item) queue.add(item);
    if (queue.size && !scheduled) {
      scheduled = true;
      setTimeout(run);
    }
  };
  const observer = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        // A comment that is drawn again has a new header; a first list of replies adds controls to it.
        if (node.matches(".head, .replies")) enqueue(target as Element);
        for (const head of node.querySelectorAll(".head")) enqueue(head);
        if (node.matches("li")) enqueue((target as Element).parentElement);
      }
    }
  });
  observer.observe(view.layout!.list, { childList: true, subtree: true });
  view.signal.addEventListener("abort", () => observer.disconnect());
  for (const item of view.items.values()) enqueue(item.li);
}
