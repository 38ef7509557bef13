// The query parameter that names a thread in a request for counts: `page=…` or `page_id=…`.
// Must never accept an invalid address, nor keep a fragment: a thread belongs to a page.
// Next: fetch.ts requests counts by these keys.

export const keyOf = (name: string, value: string | URL): string => name + "=" + encodeURIComponent(value as string);

/** `address` is absolute or relative to the page's. */
export function pageKey(page: string): string {
  const url = new URL(page, document.baseURI);
  url.hash = "";
  return keyOf("page", url);
}
