// Whether a router has ever changed the address since the document came, or the canonical link.
// Must never be asked before the page is looked at: a page that is only being prepared has no address of its own yet.
// Next: address.ts finds out which article is shown then.

export const address = (): string => location.href.split("#")[0]!;

export const canonical = (): string | undefined => document.querySelector<HTMLLinkElement>("[rel=canonical]")?.href;

/** The address that the document came from; nothing where the browser does not say. */
export const origin = (): string => performance.getEntriesByType("navigation")[0]?.name.split("#")[0] || "";

let ever = false;

/** `first`: the canonical link as it was when the loader began. */
export const moved = (first: string | undefined): boolean => (ever ||= origin() !== address() || canonical() !== first);
