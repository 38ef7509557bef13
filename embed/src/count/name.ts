// How the server is asked for the count of a thread: by its page or by its id.
// Must never take an address that is none, nor a fragment: the thread is the page's.
// Next: ask.ts asks for these names.

export const named = (name: string, value: string | URL): string => name + "=" + encodeURIComponent(value as string);

/** An address, or a path of this site. */
export function pageNamed(page: string): string {
  const url = new URL(page, location as unknown as URL);
  url.hash = "";
  return named("page", url);
}
