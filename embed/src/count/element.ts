// The script of pages that list articles: it fills <afterword-count>, and the count links of Disqus, Commento, Waline
// and Twikoo.
// Must never throw, never ask twice for what it knows, and weigh 0.8 KB at most. Isso's and Remark42's are in compat/.
// Next: key.ts names a thread, fetch.ts asks for all of them, format.ts is the wording.
import { fetchCounts } from "./fetch";
import { keyOf, pageKey } from "./key";
import { formatCount } from "./format";

const script = document.currentScript as HTMLScriptElement;
const tag = "afterword-count";
const selector =
  tag +
  ",[data-afterword-count],[href$='#disqus_thread'],.disqus-comment-count,[href$='#commento'],.waline-comment-count,.twikoo-count";
const base = new URL(".", script.src);
/** How the server was asked for each element. */
const shownKey = new WeakMap<Element, string>();
const counts: Record<string, number> = {};

/** An attribute, with or without `data-`: the first of these names that the element has. */
const get = (element: Element, ...names: string[]): string | null | undefined =>
  names.map((name) => element.getAttribute(name) || element.getAttribute("data-" + name)).find((value) => value);

/** Looks for elements that are new or mean another page: at first, and whenever the page changes. */
function update(): void {
  const unknown: string[] = [];
  document.querySelectorAll(selector).forEach((element) => {
    try {
      const page =
        get(element, "page-url", "afterword-count", "disqus-url", "path") ||
        element.closest<HTMLAnchorElement>("a[href]")?.href;
      // Disqus counts by identifier; threads were mostly found by their address there, too.
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
      // Its address is none.
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

// A page that loads this file twice has it once.
(document as { [tag]?: number })[tag] ||=
  (document.readyState == "loading" ? addEventListener("DOMContentLoaded", begin) : begin(), 1);
