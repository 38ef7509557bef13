// Fetches the comment counts of many pages in as few requests as possible.
// Must never throw, and never say anything when there is no answer: what stands in the page stays there.
// Next: key.ts names a thread, format.ts is the wording of an answer.

/** Asks for threads named as in a query, `page=…` or `page_id=…`; writes the counts under these names, and tells. */
export function fetchCounts(
  base: string | URL,
  site: string,
  names: string[],
  countByKey: Record<string, number>,
  done: () => void,
): void {
  // The server answers first the pages, then the ids: in this order.
  const queue = [...new Set(names)].sort();
  while (queue[0]) {
    // Who does not know the name of the site asks for “_”, which is found by the first page.
    const query = site == "_" ? ["page=" + encodeURIComponent(location.origin)] : [];
    // As many pages as the server takes at once, and an address that every proxy lets through.
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
