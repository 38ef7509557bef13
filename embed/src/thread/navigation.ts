// Whether a router has changed the page's address or its canonical link since the document came.
// Must never be asked before the page is looked at: a page that is only being prepared has no address of its own yet.
// Next: address.ts finds out which article is shown then.
import { address, canonical, origin } from "./page-address";

let ever = false;

/** `first`: the canonical link as it was when the loader began. Once it is true, it stays true. */
export const moved = (first: string | undefined): boolean => (ever ||= origin() !== address() || canonical() !== first);
