// The addresses that the page has: where it is, where its document came from, what its canonical link says.
// Must never be asked before the page is looked at: a page that is only being prepared has no address of its own yet.
// Next: navigation.ts compares them, address.ts finds out which article is shown.
import type { ThreadContext } from "../types";

export const pageAddress = (): string => location.href.split("#")[0]!;

export const canonicalLink = (): string | undefined => document.querySelector<HTMLLinkElement>("[rel=canonical]")?.href;

/** The address that the document came from; nothing where the browser does not say. */
export const documentAddress = (): string => performance.getEntriesByType("navigation")[0]?.name.split("#")[0] || "";

/** Gives a thread another page, in everything that names it; once it is drawn, the loader begins again instead. */
export function setPage(context: ThreadContext, page: string): void {
  const before = context.query;
  const query = new URLSearchParams(before);
  query.set("page", page);
  context.query = "?" + query;
  context.link = context.link.replace(before, context.query);
  context.page = page;
}
