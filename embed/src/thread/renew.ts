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
  const { activeElement } = host.shadowRoot || document;
  const written =
    activeElement instanceof HTMLTextAreaElement && rootOf(host).contains(activeElement) ? activeElement : null;
  const answered = written?.closest("article")?.id;
  // What is in view stays at its position.
  const anchor = written || articles(host).find((one) => one.getBoundingClientRect().bottom > 0);
  const top = anchor?.getBoundingClientRect().top || 0;
  const text = written?.value || "";
  const [from, to] = [written?.selectionStart ?? 0, written?.selectionEnd ?? 0];
  const { minHeight } = host.style;
  host.style.minHeight = host.offsetHeight + "px";

  const end = new AbortController();
  const restore = () => {
    end.abort();
    host.style.minHeight = minHeight;
    const article = articles(host).find(({ id }) => id === (answered || anchor?.id));
    if (written && article && !textareaIn(article)) article.querySelector<HTMLElement>("button[part~=reply]")?.click();
    const field = written && textareaIn(answered ? article : rootOf(host));
    if (field) {
      field.value ||= text;
      field.focus({ preventScroll: true });
      field.setSelectionRange(from, to);
    }
    const there = field || article;
    if (anchor && there) scrollBy(0, there.getBoundingClientRect().top - top);
  };
  for (const type of ["afterword:loaded", "afterword:failed"])
    host.addEventListener(type, restore, { signal: end.signal });
  host.load();
}
