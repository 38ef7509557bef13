// Loads another thread when a router changes the page's address without loading a document.
// Must never show the thread of one article under another, nor reload where only the fragment has changed.
// Next: address.ts finds the article.
import { hasNavigated } from "./navigation";
import type { View } from "../types";

/**
 * The delays between a navigation and the checks: at once, and later, since a router changes the canonical link some
 * time after.
 */
const CHECK_DELAYS_MS = [0, 300, 1_500];

export function watchNavigation(view: View): void {
  const { host, signal, context } = view;
  const check = async () => {
    if (signal.aborted || !hasNavigated(context.canonical)) return;
    const { currentPage } = await import("./address.js");
    const now = currentPage(host, context.canonical);
    if (!signal.aborted && now !== context.page) host.load(now);
  };
  let timers: ReturnType<typeof setTimeout>[] = [];
  const scheduleChecks = () => {
    timers.forEach(clearTimeout);
    timers = CHECK_DELAYS_MS.map((wait) =>
      setTimeout(() => check().catch((thrown) => view.report("later", thrown)), wait),
    );
  };
  scheduleChecks();
  addEventListener("popstate", scheduleChecks, { signal });
  addEventListener("pageshow", scheduleChecks, { signal });
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) return navigation.addEventListener("navigatesuccess", scheduleChecks, { signal });
  // Firefox before 147 and Safari before 26.2 have no event for pushState; a router that changes the address also
  // changes the document.
  let known = location.href;
  let due = 0;
  const onMutation = () => {
    if (location.href !== known) {
      known = location.href;
      scheduleChecks();
    } else if (!due) {
      // Some routers change the address after the document, and nothing afterwards.
      due = window.setTimeout(() => ((due = 0), location.href !== known && onMutation()), 300);
    }
  };
  const watch = new MutationObserver(onMutation);
  watch.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["href"] });
  signal.addEventListener("abort", () => {
    watch.disconnect();
    clearTimeout(due);
    timers.forEach(clearTimeout);
  });
}
