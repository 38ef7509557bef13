// Loads threads that an earlier build drew again with the present build, after an upgrade of the server.
// Must never lose a text or the reader's position, nor use more of the element than get(), load(), abort and
// disconnectedCallback().
// Next: thread-view.ts notices that parts do not fit together; loader.ts, built as renew.js, passes the present load().
import type { Host } from "../types";

/**
 * What renew.js uses in place of `customElements`: it gives all threads the present `load`, and reloads those that are
 * drawn.
 */
export const renewingRegistry = {
  define(tag: string, { prototype }: { prototype: Pick<Host, "load"> }): void {
    customElements.get(tag)!.prototype.load = prototype.load;
    for (const host of document.querySelectorAll<Host>(tag)) if (host.abort) reload(host);
  },
};

const rootOf = (host: Host): ParentNode => host.shadowRoot || host;
/** Ids and parts that are documented for owners, so every build has them. */
const articles = (host: Host): HTMLElement[] => [
  ...rootOf(host).querySelectorAll<HTMLElement>("article[id^=comment-]"),
];
const textareaIn = (within: ParentNode | null | undefined): HTMLTextAreaElement | null | undefined =>
  within?.querySelector("textarea");

function reload(host: Host): void {
  let written: HTMLTextAreaElement | null = null;
  let [text, from, to] = ["", 0, 0];
  /** The comment whose reply form the reader writes in or asked for. */
  let answered: string | undefined;
  /** Until the new thread is drawn, the reader may write on in the old one, whose buttons no longer work. */
  const note = (event?: Event) => {
    const reply = event?.type === "click" && (event.composedPath()[0] as Element).closest("button[part~=reply]");
    if (reply) answered = reply.closest("article")?.id;
    const { activeElement } = host.shadowRoot || document;
    if (activeElement instanceof HTMLTextAreaElement && rootOf(host).contains(activeElement)) {
      written = activeElement;
      answered = written.closest("article")?.id;
      [text, from, to] = [written.value, written.selectionStart, written.selectionEnd];
    }
  };
  note();
  // What is in view stays at its position.
  const anchor = (written as Element | null) || articles(host).find((one) => one.getBoundingClientRect().bottom > 0);
  const top = anchor?.getBoundingClientRect().top || 0;
  const { minHeight } = host.style;
  host.style.minHeight = host.offsetHeight + "px";

  const end = new AbortController();
  const { signal } = end;
  const restore = ({ detail }: CustomEvent<{ action?: string }>) => {
    // In the old thread, other acts may fail until the new one is drawn.
    if (detail?.action && detail.action !== "load") return;
    end.abort();
    host.style.minHeight = minHeight;
    const article = articles(host).find(({ id }) => id === (answered || anchor?.id));
    if (answered && article && !textareaIn(article)) article.querySelector<HTMLElement>("button[part~=reply]")?.click();
    const field = (written || answered) && textareaIn(answered ? article : rootOf(host));
    if (field) {
      field.value ||= text;
      field.focus({ preventScroll: true });
      field.setSelectionRange(from, to);
    }
    const there = field || article;
    if (anchor && there) scrollBy(0, there.getBoundingClientRect().top - top);
  };
  for (const type of ["click", "focusin", "input", "keyup"])
    host.addEventListener(type, note, { signal, capture: true });
  for (const type of ["afterword:loaded", "afterword:failed"])
    host.addEventListener(type, restore as EventListener, { signal });
  host.load();
}
