// What the page's address says: which article it shows, and whether it leads to the comments.
// Must never believe what a router may have left from the article before, nor take an id of the page itself for one of ours.
// Next: loader.ts and core.ts ask where an address has changed or leads here; permalink.ts goes on to one comment.
import { address, canonical as link, origin } from "./moved";
import { rename } from "./place";
import type { Host, Place } from "./view";

/** `/tea`, `/tea/`, `/tea.html` and `/tea/index.html` are one. */
const bare = (path: string): string => path.replace(/\/(index\.\w+)?$|\.html?$/, "");

const start = new URL(origin() || location.href);
/** Where each address that names an article was first seen. */
const seen: Record<string, string> = {};

/** An address that names the article; nothing when it is left over from another one. */
function named(said: string | null | undefined, byOwner: boolean): string | void {
  if (!said || !URL.canParse(said, location.href)) return;
  const url = new URL(said, location.href);
  // A name without a query says that the query does not matter.
  const at = (where: URL | Location) => bare(where.pathname) + (url.search && where.search);
  const first = (seen[url.href] ||= at(bare(url.pathname) === bare(start.pathname) ? start : (location as unknown as URL)));
  if (first === at(location) || at(url) === at(location)) return url.href;
  // Owners may give many pages one name, and each of several threads its own.
  if (byOwner && (first !== at(url) || document.querySelectorAll("afterword-thread")[1])) return url.href;
}

/** The article that a thread belongs to now. `canonical`: the canonical link as it was when the loader began. */
export function page(host: Host, canonical: string | undefined): string {
  if (canonical && URL.canParse(canonical)) seen[canonical] ||= bare(start.pathname) + (new URL(canonical).search && start.search);
  return named(host.get("page-url"), true) || named(link(), false) || address();
}

/** Corrects what the loader took for the page. True when it was right. */
export function settle(host: Host, place: Place): boolean {
  const now = page(host, place.first);
  if (now === place.page) return true;
  rename(place, now);
  return false;
}

/** How our own documentation and other systems call the place of the comments. */
const thread = /^(comments|respond|isso-thread|remark42|disqus_thread)$/;
/** How they call a comment. */
export const comment = /^(isso-\d+|remark42__comment-[\w-]+|comment-\d+)$/;

/** The address that was followed already: an element that is put back must not take its reader away. */
let done = "";
addEventListener("hashchange", () => (done = ""));

/** Goes there, and again when what stands above it has come, as browsers do; not once the reader moves by themselves. */
function goTo(host: Host): void {
  const end = new AbortController();
  const { signal } = end;
  const go = () => host.scrollIntoView();
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown", "hashchange", "popstate"]) addEventListener(type, () => end.abort(), { signal, passive: true });
  addEventListener("load", go, { signal });
  host.addEventListener("afterword:loaded", go, { signal });
  // By then all has its place, or takes too long.
  setTimeout(() => end.abort(), 5_000);
  go();
}

/** Loads what the address leads to, and goes to the thread itself; to a comment, the thread goes once it is there. */
export function follow(): void {
  const name = location.hash.slice(1);
  const hosts = [...document.querySelectorAll<Host>("afterword-thread")];
  const there = document.getElementById(name);
  if (there && !hosts.some((host) => host.contains(there))) return;
  if (comment.test(name)) {
    for (const host of hosts) if (!host.abort) host.load?.();
  } else if (thread.test(name) && hosts[0] && done !== location.href) {
    done = location.href;
    if (!hosts[0].abort) hosts[0].load?.();
    goTo(hosts[0]);
  }
}
