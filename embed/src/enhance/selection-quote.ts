// Shows a Quote button beside text that is selected in a comment or in the article.
// Must never change the selection, nor cover the selected text.
// Next: quote.ts puts the text into a form.
import { el } from "../dom/element";
import type { CommentItem, View } from "../types";

/** The fewest characters that get a button. */
const MIN_LENGTH = 3;

/** The selection, also inside a shadow tree; each engine has its own API for that. */
function selected(root: ShadowRoot): { range: Range | StaticRange; text: string } | undefined {
  const whole = document.getSelection();
  if (!whole) return;
  const selection = (root as { getSelection?(): Selection | null }).getSelection?.() || whole;
  const text = (String(selection) || String(whole)).trim();
  if (text.length < MIN_LENGTH) return;
  const composed = (whole as { getComposedRanges?(options: object): StaticRange[] }).getComposedRanges;
  const [range] = composed
    ? composed.call(whole, { shadowRoots: [root] })
    : selection.rangeCount
      ? [selection.getRangeAt(0)]
      : [];
  return range && !range.collapsed ? { range, text } : undefined;
}

const elementOf = (node: Node): Element | null => (node instanceof Element ? node : node.parentElement);

export function offerQuote(view: View): void {
  const { host, root, signal } = view;
  if (!view.thread.open) return;
  const button = el(
    "button",
    {
      type: "button",
      class: "button quote",
      part: "button quote",
      popover: "popover" in HTMLElement.prototype && "manual",
      hidden: true,
    },
    view.messages.say("quote"),
  );
  let found: { item: CommentItem | null; text: string } | undefined;
  let timer: ReturnType<typeof setTimeout>;

  const hide = () => {
    if (!button.hidden) button.hidePopover?.();
    button.hidden = true;
  };
  const look = () => {
    const now = selected(root);
    found = undefined;
    if (now) {
      const { range, text } = now;
      const [start, end] = [elementOf(range.startContainer), elementOf(range.endContainer)];
      const body = start?.closest("[part~=body]");
      const inside = body && root.contains(body) && body.contains(end);
      const item = inside ? view.items.get(+body.closest("li")!.dataset.id!) : undefined;
      const article = host.closest("article") || document.querySelector("article, main, [itemprop=articleBody]");
      if (item?.comment.author) found = { item, text };
      else if (!root.contains(start) && article?.contains(start) && article.contains(end) && !host.contains(start))
        found = { item: null, text };
    }
    if (!found) return hide();
    // In the tab order, too, the button follows the text where that is possible.
    const before = found.item ? found.item.article.querySelector(".body") : view.layout!.heading;
    if (button.previousElementSibling !== before) before?.after(button);
    button.hidden = false;
    button.showPopover?.();
    const live = document.createRange();
    live.setStart(now!.range.startContainer, now!.range.startOffset);
    live.setEnd(now!.range.endContainer, now!.range.endOffset);
    const at = live.getBoundingClientRect();
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const below = at.bottom + button.offsetHeight + 8 < height;
    button.style.setProperty(
      "left",
      Math.max(8, Math.min(at.right - button.offsetWidth, width - button.offsetWidth - 8)) + "px",
    );
    button.style.setProperty("top", (below ? at.bottom + 6 : at.top - button.offsetHeight - 6) + "px");
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  };
  document.addEventListener("selectionchange", soon, { signal });
  addEventListener("scroll", hide, { signal, passive: true });
  signal.addEventListener("abort", hide);
  // Pressing the button keeps the selection.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", async () => {
    const wanted = found;
    hide();
    if (!wanted) return;
    try {
      (await view.composer()).quote(view, wanted.item, wanted.text);
    } catch (thrown) {
      view.report("open", thrown);
    }
  });
}
