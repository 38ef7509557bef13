// Whether a router has changed the page's address or its canonical link since the document came.
// Must never be asked before the page is looked at: a page that is only being prepared has no address of its own yet.
// Next: address.ts finds out which article is shown then.
import { pageAddress, canonicalLink, documentAddress } from "./page-address";

let navigated = false;

/** `first`: the canonical link as it was when the loader began. Once it is true, it stays true. */
export const hasNavigated = (first: string | undefined): boolean =>
  (navigated ||= documentAddress() !== pageAddress() || canonicalLink() !== first);
