// Fetches the comment counts of many pages in as few requests as possible.
// Must never throw, and never report a failed request: the page keeps what it shows.
// Next: key.ts names a thread, format.ts formats the count.

/**
 * Requests the counts of threads by their keys, `page=…` or `page_id=…`; stores each count under its key, and calls
 * back.
 */
export function fetchCounts(
  base: string | URL,
  site: string,
  names: string[],
  countByKey: Record<string, number>,
  done: () => void,
): void {
  // The server returns the counts of the pages first, then those of the ids.
  const queue = [...new Set(names)].sort();
  while (queue[0]) {
    // A page that does not name its site asks for the site “_”; the server finds the site by the first page.
    const query = site == "_" ? ["page=" + encodeURIComponent(location.origin)] : [];
    // At most as many pages as the server takes at once, in an address that is short enough for every proxy.
    do query.push(queue.shift()!);
    while (queue[0] && query.length < 100 && (query + queue[0]).length < 7000);
    fetch(`${base}api/v1/sites/${site}/counts?` + query.join("&"), { credentials: "omit" })
      .then((answer) => answer.json())
      .then(({ counts }) => {
        query.forEach((name, n) => (countByKey[name] = counts[n]));
        done();
      })
      .catch(() => {});
  }
}
