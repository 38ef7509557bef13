// Tooltips on hover and on focus: the parent of a reply, the exact time. Escape closes them.
// Must never cover what is pointed at, and never be the only way to its content (WCAG 2.2, 1.4.13).
// Next: decorate.ts calls it for each comment.
import { el } from "../dom/element";
import { authorName } from "../thread/author";
import type { View } from "../types";
import type { Decorator } from "./decorate";

/** Delays before the tooltip opens under the pointer, and before it closes after the pointer has left. */
const OPEN_DELAY_MS = 250;
const CLOSE_DELAY_MS = 200;

export function parentPreview(view: View): Decorator {
  const box = el("div", {
    class: "peek",
    part: "peek",
    id: "peek",
    role: "tooltip",
    hidden: true,
    popover: "popover" in HTMLElement.prototype && "manual",
  });
  view.layout!.section.append(box);
  let exact: Intl.DateTimeFormat | undefined;
  let timer: ReturnType<typeof setTimeout>;
  let shown: Element | null = null;

  const close = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    if (box.matches(":not([hidden])")) box.hidePopover?.();
    box.hidden = true;
  };
  const open = (anchor: HTMLElement, what: () => Node[]) => {
    if (shown === anchor) return clearTimeout(timer);
    close();
    box.replaceChildren(...what());
    box.hidden = false;
    box.showPopover?.();
    shown = anchor;
    anchor.setAttribute("aria-describedby", "peek");
    const at = anchor.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = box;
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const start = view.messages.direction === "rtl" ? at.right - wide : at.left;
    box.style.setProperty("left", Math.max(8, Math.min(start, width - wide - 8)) + "px");
    box.style.setProperty(
      "top",
      (at.top > high + 8 || at.bottom + high > height ? at.top - high - 4 : at.bottom + 4) + "px",
    );
  };
  const schedule = (work: () => void, wait: number) => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
  const watch = (anchor: HTMLElement, what: () => Node[]) => {
    anchor.addEventListener(
      "pointerenter",
      (event) => event.pointerType === "mouse" && schedule(() => open(anchor, what), OPEN_DELAY_MS),
    );
    anchor.addEventListener("pointerleave", () => schedule(close, CLOSE_DELAY_MS));
    anchor.addEventListener("focus", () => anchor.matches(":focus-visible") && open(anchor, what));
    anchor.addEventListener("blur", close);
  };
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => schedule(close, CLOSE_DELAY_MS));
  addEventListener("keydown", (event) => shown && event.key === "Escape" && close(), {
    signal: view.signal,
    capture: true,
  });
  addEventListener("scroll", () => shown && close(), { signal: view.signal, passive: true });
  view.signal.addEventListener("abort", close);

  return (item) => {
    const time = item.article.querySelector<HTMLElement>(".head > .time:not([data-peek])");
    if (!time) return;
    time.dataset.peek = "";
    watch(time, () => [
      new Text(
        (exact ||= new Intl.DateTimeFormat(view.messages.language, { dateStyle: "full", timeStyle: "short" })).format(
          item.comment.created_at,
        ),
      ),
    ]);
    // Where replies are no longer indented, only the visible name shows which comment is answered.
    const name = item.article.querySelector(".to bdi");
    const { parent } = item;
    if (
      !name ||
      !parent ||
      !item.article.matches(".deeper") ||
      getComputedStyle(name.parentElement!).position !== "static"
    )
      return;
    const link = el("a", { class: "parent", href: `${location.href.split("#")[0]}#comment-${parent.comment.id}` });
    name.replaceWith(link);
    link.append(name);
    watch(link, () => {
      const { comment, article } = parent;
      const excerpt = article.querySelector(".body")?.textContent?.trim() || "";
      return [
        el("b", {}, el("bdi", {}, authorName(view, comment))),
        el("p", { class: "said", dir: "auto" }, excerpt.length > 280 ? excerpt.slice(0, 280) + "…" : excerpt),
      ];
    });
  };
}
