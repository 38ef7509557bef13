// Finds the article of the page's address, and whether the address leads to the comments.
// Must never use an address that a router left over from the previous article, nor take an id of the page for one of
// ours.
// Next: loader.ts and core.ts call this where an address has changed or leads here; permalink.ts finds one comment.
import { pageAddress, canonicalLink as link, documentAddress, setPage } from "./page-address";
import type { Host, ThreadContext } from "../types";

/** `/tea`, `/tea/`, `/tea.html` and `/tea/index.html` are the same page. */
const normalizePath = (path: string): string => path.replace(/\/(index\.\w+)?$|\.html?$/, "");

const documentUrl = new URL(documentAddress() || location.href);
/** The page path at which each address that names an article was first seen. */
const firstPathOf: Record<string, string> = {};

/** An address that names the article; undefined when it is left over from another one. */
function articleAddress(address: string | null | undefined, byOwner: boolean): string | void {
  if (!address || !URL.canParse(address, document.baseURI)) return;
  const url = new URL(address, document.baseURI);
  url.hash = "";
  // A canonical address without a query says that the query does not matter.
  const at = (where: URL | Location) => normalizePath(where.pathname) + (url.search && where.search);
  const first = (firstPathOf[url.href] ||= at(
    normalizePath(url.pathname) === normalizePath(documentUrl.pathname) ? documentUrl : (location as unknown as URL),
  ));
  if (first === at(location) || at(url) === at(location)) return url.href;
  // Owners may give many pages one page-url, and each of several threads its own.
  if (byOwner && (first !== at(url) || document.querySelectorAll("afterword-thread")[1])) return url.href;
}

/** The article that a thread belongs to now. `canonical`: the canonical link when the loader started. */
export function currentPage(host: Host, canonical: string | undefined): string {
  if (canonical && URL.canParse(canonical))
    firstPathOf[canonical] ||= normalizePath(documentUrl.pathname) + (new URL(canonical).search && documentUrl.search);
  return articleAddress(host.get("page-url"), true) || articleAddress(link(), false) || pageAddress();
}

/** Corrects the page that the loader found. True when it was right. */
export function confirmPage(host: Host, context: ThreadContext): boolean {
  const now = currentPage(host, context.canonical);
  if (now === context.page) return true;
  setPage(context, now);
  return false;
}

/** The fragments by which our documentation and other systems link to the comments. */
const THREAD_FRAGMENT = /^(comments|respond|isso-thread|remark42|disqus_thread)$/;
/** The fragments by which they link to one comment. */
export const COMMENT_FRAGMENT = /^(isso-\d+|remark42__comment-[\w-]+|comment-\d+)$/;

/** The address that was followed last: an element that is moved or inserted again must not scroll. */
let followedAddress = "";
addEventListener("hashchange", () => (followedAddress = ""));

/**
 * Scrolls to the thread, and again when content above it has loaded, as browsers do for a fragment; not once the reader
 * scrolls.
 */
function scrollToThread(host: Host): void {
  const end = new AbortController();
  const { signal } = end;
  const go = () => host.scrollIntoView();
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown", "hashchange", "popstate"])
    addEventListener(type, () => end.abort(), { signal, passive: true });
  addEventListener("load", go, { signal });
  host.addEventListener("afterword:loaded", go, { signal });
  // By then the layout has settled, or takes too long.
  setTimeout(() => end.abort(), 5_000);
  go();
}

/** The script tag that has a thread: it ran, or a thread was inserted here. */
let placed: unknown;

/**
 * Inserts a thread where the page's own tag would: a router may insert the next page's tag without running it. After
 * the first call it checks each change of the page.
 */
function place(script: () => HTMLElement | null, first: unknown): void {
  const tag = "afterword-thread";
  let known: Element[] = [];
  const look = () => {
    const here = script();
    const threads = [...document.querySelectorAll(tag)];
    const came = threads.some((one) => !known.includes(one));
    known = threads;
    // A tag outside the document is left over from a previous page. A new tag beside the previous thread waits until
    // that thread is removed.
    if (!here?.isConnected || here === placed || (threads[0] && !came)) return;
    placed = here;
    if (!threads[0] && !here.closest("head")) here.after(document.createElement(tag));
  };
  if (placed) return;
  placed = first;
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
}

/**
 * Loads what the address leads to, and scrolls to the thread; the thread itself scrolls to a comment once it is drawn.
 * `script` finds the page's tag; `first` is that tag when the loader started.
 */
export function follow(script: () => HTMLElement | null, first: unknown): void {
  place(script, first);
  const name = location.hash.slice(1);
  const hosts = [...document.querySelectorAll<Host>("afterword-thread")];
  const there = document.getElementById(name);
  if (there && !hosts.some((host) => host.contains(there))) return;
  if (COMMENT_FRAGMENT.test(name)) {
    for (const host of hosts) if (!host.abort) host.load?.();
  } else if (THREAD_FRAGMENT.test(name) && hosts[0] && followedAddress !== location.href) {
    followedAddress = location.href;
    if (!hosts[0].abort) hosts[0].load?.();
    scrollToThread(hosts[0]);
  }
}
