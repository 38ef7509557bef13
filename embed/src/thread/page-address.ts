// The addresses of the page: the current one, the one its document came from, and its canonical link.
// Must never be called while the page is prerendered: it has no address of its own yet.
// Next: navigation.ts compares them, address.ts finds the article that is shown.
import type { ThreadContext } from "../types";

export const pageAddress = (): string => location.href.split("#")[0]!;

export const canonicalLink = (): string | undefined => document.querySelector<HTMLLinkElement>("[rel=canonical]")?.href;

/** The address that the document came from; undefined where the browser does not say. */
export const documentAddress = (): string => performance.getEntriesByType("navigation")[0]?.name.split("#")[0] || "";

/** Sets another page in every field that names it. Once the thread is drawn, the loader loads again instead. */
export function setPage(context: ThreadContext, page: string): void {
  const before = context.query;
  const query = new URLSearchParams(before);
  query.set("page", page);
  context.query = "?" + query;
  context.link = context.link.replace(before, context.query);
  context.page = page;
}
