// Which article the page's address shows, and whether it leads to the comments.
// Must never believe what a router may have left from the article before, nor take an id of the page itself for one of
// ours.
// Next: loader.ts and core.ts ask where an address has changed or leads here; permalink.ts goes on to one comment.
import { pageAddress, canonicalLink as link, documentAddress, setPage } from "./page-address";
import type { Host, ThreadContext } from "../types";

/** `/tea`, `/tea/`, `/tea.html` and `/tea/index.html` are one. */
const normalizePath = (path: string): string => path.replace(/\/(index\.\w+)?$|\.html?$/, "");

const documentUrl = new URL(documentAddress() || location.href);
/** Where each address that names an article was first seen. */
const firstPathOf: Record<string, string> = {};

/** An address that names the article; nothing when it is left over from another one. */
function articleAddress(address: string | null | undefined, byOwner: boolean): string | void {
  if (!address || !URL.canParse(address, document.baseURI)) return;
  const url = new URL(address, document.baseURI);
  url.hash = "";
  // A name without a query says that the query does not matter.
  const at = (where: URL | Location) => normalizePath(where.pathname) + (url.search && where.search);
  const first = (firstPathOf[url.href] ||= at(
    normalizePath(url.pathname) === normalizePath(documentUrl.pathname) ? documentUrl : (location as unknown as URL),
  ));
  if (first === at(location) || at(url) === at(location)) return url.href;
  // Owners may give many pages one name, and each of several threads its own.
  if (byOwner && (first !== at(url) || document.querySelectorAll("afterword-thread")[1])) return url.href;
}

/** The article that a thread belongs to now. `canonical`: the canonical link as it was when the loader began. */
export function currentPage(host: Host, canonical: string | undefined): string {
  if (canonical && URL.canParse(canonical))
    firstPathOf[canonical] ||= normalizePath(documentUrl.pathname) + (new URL(canonical).search && documentUrl.search);
  return articleAddress(host.get("page-url"), true) || articleAddress(link(), false) || pageAddress();
}

/** Corrects what the loader took for the page. True when it was right. */
export function confirmPage(host: Host, context: ThreadContext): boolean {
  const now = currentPage(host, context.canonical);
  if (now === context.page) return true;
  setPage(context, now);
  return false;
}

/** How our own documentation and other systems call the place of the comments. */
const THREAD_FRAGMENT = /^(comments|respond|isso-thread|remark42|disqus_thread)$/;
/** How they call a comment. */
export const COMMENT_FRAGMENT = /^(isso-\d+|remark42__comment-[\w-]+|comment-\d+)$/;

/** The address that was followed already: an element that is put back must not take its reader away. */
let followedAddress = "";
addEventListener("hashchange", () => (followedAddress = ""));

/**
 * Goes there, and again when what stands above it has come, as browsers do; not once the reader moves by themselves.
 */
function scrollToThread(host: Host): void {
  const end = new AbortController();
  const { signal } = end;
  const go = () => host.scrollIntoView();
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown", "hashchange", "popstate"])
    addEventListener(type, () => end.abort(), { signal, passive: true });
  addEventListener("load", go, { signal });
  host.addEventListener("afterword:loaded", go, { signal });
  // By then all has its place, or takes too long.
  setTimeout(() => end.abort(), 5_000);
  go();
}

/** The tag that has its thread: it ran, or was given one here. */
let placed: unknown;

/**
 * Puts a thread where the page's own tag would: a router may bring the next page's without running it. Once asked,
 * looks at each change.
 */
function place(script: () => HTMLElement | null, first: unknown): void {
  const tag = "afterword-thread";
  let known: Element[] = [];
  const look = () => {
    const here = script();
    const threads = [...document.querySelectorAll(tag)];
    const came = threads.some((one) => !known.includes(one));
    known = threads;
    // A tag that is not in the page is left from a page before. One that came beside the thread before waits until that
    // goes.
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
 * Loads what the address leads to, and goes to the thread itself; to a comment, the thread goes once it is there.
 * `script` finds the page's tag, of which there was `first` when the loader began.
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
