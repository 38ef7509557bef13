// The query parameter that names a thread in a request for counts: `page=…` or `page_id=…`.
// Must never take an address that is none, nor a fragment: the thread is the page's.
// Next: fetch.ts asks for these names.

export const keyOf = (name: string, value: string | URL): string => name + "=" + encodeURIComponent(value as string);

/** An address, or one that is relative to the page's. */
export function pageKey(page: string): string {
  const url = new URL(page, document.baseURI);
  url.hash = "";
  return keyOf("page", url);
}
