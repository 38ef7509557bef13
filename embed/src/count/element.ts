// The script of pages that list articles. It fills <afterword-count>, and the count links of Disqus, Commento, Waline
// and Twikoo.
// Must never throw, never request the same count twice, and weigh at most 0.8 KB. Isso's and Remark42's counters are in
// compat/.
// Next: key.ts names a thread, fetch.ts requests all counts, format.ts formats them.
import { fetchCounts } from "./fetch";
import { keyOf, pageKey } from "./key";
import { formatCount } from "./format";

const script = document.currentScript as HTMLScriptElement;
const tag = "afterword-count";
const selector =
  tag +
  ",[data-afterword-count],[href$='#disqus_thread'],.disqus-comment-count,[href$='#commento'],.waline-comment-count,.twikoo-count";
const base = new URL(".", script.src);
/** The key that each element's count was requested with. */
const shownKey = new WeakMap<Element, string>();
const counts: Record<string, number> = {};

/** The value of the first of these attributes that the element has, with or without `data-`. */
const get = (element: Element, ...names: string[]): string | null | undefined =>
  names.map((name) => element.getAttribute(name) || element.getAttribute("data-" + name)).find((value) => value);

/** Finds elements that are new or name another page: at first, and whenever the page changes. */
function update(): void {
  const unknown: string[] = [];
  document.querySelectorAll(selector).forEach((element) => {
    try {
      const page =
        get(element, "page-url", "afterword-count", "disqus-url", "path") ||
        element.closest<HTMLAnchorElement>("a[href]")?.href;
      // Disqus counts by identifier, but its threads were mostly found by their address, too.
      const id = get(element, "page-id") || (!page && get(element, "disqus-identifier"));
      const name = id
        ? keyOf("page_id", id)
        : pageKey(page || document.querySelector<HTMLLinkElement>("[rel=canonical]")?.href || location.href);
      const count = counts[name];
      if (shownKey.get(element) != name + count) shownKey.set(element, name + count);
      else return;
      if (count == null) unknown.push(name);
      else
        element.textContent = formatCount(
          count,
          element.closest<HTMLElement>("[lang]")?.lang,
          (category) => get(element, category) || get(script, category),
        );
    } catch {
      // The element names no valid address.
    }
  });
  fetchCounts(base, get(script, "site") || "_", unknown, counts, update);
}

function begin(): void {
  update();
  new MutationObserver(update).observe(document, {
    subtree: true,
    childList: true,
    attributeFilter: ["href", "page-id", "page-url"],
  });
}

// A page that loads this file twice runs it once.
(document as { [tag]?: number })[tag] ||=
  (document.readyState == "loading" ? addEventListener("DOMContentLoaded", begin) : begin(), 1);
