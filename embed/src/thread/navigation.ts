// Tells whether a router has changed the page's address or its canonical link since the document was loaded.
// Must never be called while the page is prerendered: it has no address of its own yet.
// Next: address.ts finds the article that is shown then.
import { pageAddress, canonicalLink, documentAddress } from "./page-address";

let navigated = false;

/** `first`: the canonical link when the loader started. Once true, the result stays true. */
export const hasNavigated = (first: string | undefined): boolean =>
  (navigated ||= documentAddress() !== pageAddress() || canonicalLink() !== first);
