// Which page is this, and where does its thread live: addresses, worked out from plain values.
// Must never touch the document or the network, and must stay tiny: the loader carries it too.
// Next: loader.ts asks first, api.ts asks for everything after.

/** An owner's word wins, then a canonical link that is absolute, then the address without its fragment. */
export function pageAddress(given: string | null, canonical: string | null | undefined, here: { origin: string; pathname: string; search: string }): string {
  return given || (/^https?:\/\//i.test(canonical || "") ? canonical! : here.origin + here.pathname + here.search);
}

/** `?page=…&page_id=…&sort=…`, always in this order, so that a preload written into the page matches. */
export function pageQuery(page: string, id: string | null, sort?: string | null): string {
  return `?page=${encodeURIComponent(page)}` + (id ? `&page_id=${encodeURIComponent(id)}` : "") + (sort ? `&sort=${sort}` : "");
}

export const siteAddress = (base: string, site: string): string => `${base}api/v1/sites/${encodeURIComponent(site)}/`;

/** The page on the comment origin that shows the same thread without any script. */
export const threadPage = (base: string, site: string, query: string): string => `${base}thread/${encodeURIComponent(site)}${query}`;

/** Everything kept in the reader's browser stands under one prefix per comment origin and site. */
export const keepPrefix = (base: string, site: string): string => `afterword:${base}:${site}:`;

/** `#comment-123` names a comment; anything else names none. */
export const linkedComment = (hash: string): number => +(/^#comment-(\d+)$/.exec(hash)?.[1] || 0);
