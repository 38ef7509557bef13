// The entry of enhancements.js, loaded once the first comments are on the screen.
// Must never be needed for reading, and never move what is being read.
// Next: decorate.ts finds the comments; collapse.ts, parent-preview.ts and unread.ts add to them; live.ts, theme.ts,
// selection-quote.ts, spa-navigation.ts.
import type { View } from "./types";
import { decorate } from "./enhance/decorate";
import { collapse } from "./enhance/collapse";
import css from "./enhance/enhancements.css";
import { listenLive } from "./enhance/live";
import { parentPreview } from "./enhance/parent-preview";
import { watchClock } from "./enhance/resync";
import { offerQuote } from "./enhance/selection-quote";
import { watchNavigation } from "./thread/spa-navigation";
import { loadCustomCss, followTheme } from "./enhance/theme";
import { markUnread } from "./enhance/unread";
import { enhancementMessages } from "./enhance/enhancement-messages";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export { sendVote } from "./enhance/send-vote";
export { reorder } from "./enhance/reorder";

/** Called once per thread, after its first comments are drawn. */
export function begin(view: View): void {
  view.messages.addCatalogue(enhancementMessages, view.messages.locale.later);
  view.root.adoptedStyleSheets.push(sheet);
  watchNavigation(view);
  followTheme(view);
  loadCustomCss(view);
  const unreadMarks = markUnread(view);
  decorate(view, collapse(view), unreadMarks.mark, parentPreview(view));
  listenLive(view, unreadMarks);
  offerQuote(view);
  watchClock(view);
  if (/[?&]afterword-debug\b/.test(location.search))
    view
      .part("diagnostics")
      .then(({ report }) => report(view))
      .catch((thrown) => view.report("later", thrown));
}
