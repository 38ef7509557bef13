// Pages that change their address without loading anew: the same element then stands under another article.
// Must never act where the owner named the thread by page-id or page-url: then an attribute changes, and the loader sees it.
// Next: loader.ts works out which page it is.
import type { View } from "./core.js";

export function followRoutes(view: View): void {
  const { host, gone, place } = view;
  if (host.get("page-id") || host.get("page-url")) return;
  const here = () => document.querySelector<HTMLLinkElement>("link[rel=canonical]")?.href || location.origin + location.pathname + location.search;
  const check = () => gone.aborted || here() === place.page || host.load();
  // Routers change the canonical link some time after the address: look again when things have settled.
  const look = () => {
    for (const wait of [0, 300, 1500]) setTimeout(check, wait);
  };
  addEventListener("popstate", look, { signal: gone });
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) return navigation.addEventListener("navigatesuccess", look, { signal: gone });
  // Safari before 26.2 says nothing of pushState: but what changes its address also changes what it shows.
  const watch = new MutationObserver(check);
  watch.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["href"] });
  gone.addEventListener("abort", () => watch.disconnect());
}
