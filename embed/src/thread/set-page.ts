// Gives a thread another page, in everything that names it.
// Must never be called once the thread is drawn: then the loader begins again.
// Next: address.ts and diagnostics.ts find the other page, thread-view.ts says what a place is.
import type { Place } from "./thread-view";

export function rename(place: Place, page: string): void {
  const before = place.query;
  const query = new URLSearchParams(before);
  query.set("page", page);
  place.query = "?" + query;
  place.link = place.link.replace(before, place.query);
  place.page = page;
}
