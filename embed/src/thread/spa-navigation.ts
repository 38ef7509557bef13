// Pages that change their address without loading anew: the same element then stands under another article.
// Must never show the thread of one article under another, nor load it again where only the fragment has changed.
// Next: address.ts works out which article it is.
import { moved } from "./navigation";
import type { View } from "../types";

/** When to look after a change: at once, and when a router has changed the canonical link, which takes some time. */
const looks = [0, 300, 1_500];

export function followRoutes(view: View): void {
  const { host, gone, place } = view;
  const check = async () => {
    if (gone.aborted || !moved(place.first)) return;
    const { page } = await import("./address.js");
    const now = page(host, place.first);
    if (!gone.aborted && now !== place.page) host.load(now);
  };
  let timers: ReturnType<typeof setTimeout>[] = [];
  const look = () => {
    timers.forEach(clearTimeout);
    timers = looks.map((wait) => setTimeout(() => check().catch((thrown) => view.failed("later", thrown)), wait));
  };
  look();
  addEventListener("popstate", look, { signal: gone });
  addEventListener("pageshow", look, { signal: gone });
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) return navigation.addEventListener("navigatesuccess", look, { signal: gone });
  // Firefox before 147 and Safari before 26.2 say nothing of pushState: but what changes its address also changes what it shows.
  let known = location.href;
  let due = 0;
  const seen = () => {
    if (location.href !== known) {
      known = location.href;
      look();
    } else if (!due) {
      // Some change the address after what they show, and nothing more.
      due = window.setTimeout(() => ((due = 0), location.href !== known && seen()), 300);
    }
  };
  const watch = new MutationObserver(seen);
  watch.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["href"] });
  gone.addEventListener("abort", () => {
    watch.disconnect();
    clearTimeout(due);
    timers.forEach(clearTimeout);
  });
}
