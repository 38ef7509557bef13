// Replaces Remark42's counter script: the number of comments in every .remark42__counter.
// Must never touch an element when there is no response.
// Next: remark-server.ts finds the server, fetch.ts requests the counts.
import { fetchCounts } from "../count/fetch";
import { pageKey } from "../count/key";
import { base, config, site } from "./remark-server";
import { onDomReady } from "./dom-ready";

onDomReady(() => {
  const found = new Map<HTMLElement, string>();
  for (const element of document.querySelectorAll<HTMLElement>(".remark42__counter")) {
    found.set(element, pageKey(element.dataset.url || config().url || location.origin + location.pathname));
  }
  const known: Record<string, number> = {};
  fetchCounts(base, site(), [...found.values()], known, () => {
    for (const [element, name] of found) if (known[name] != null) element.textContent = String(known[name]);
  });
});
