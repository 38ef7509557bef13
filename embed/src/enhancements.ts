// What can wait until the comments are on the screen; loaded once they are.
// Must never be needed for reading, and never move what somebody is reading.
// Next: decorate.ts finds the comments; collapse.ts, parent-preview.ts and unread.ts add to them; live.ts, theme.ts, selection-quote.ts, spa-navigation.ts.
import type { View } from "./types";
import { dress } from "./enhance/decorate";
import { fold } from "./enhance/collapse";
import css from "./enhance/enhancements.css";
import { listen } from "./enhance/live";
import { peek } from "./enhance/parent-preview";
import { resync } from "./enhance/resync";
import { quotable } from "./enhance/selection-quote";
import { followRoutes } from "./thread/spa-navigation";
import { ownStyle, theme } from "./enhance/theme";
import { unread } from "./enhance/unread";
import { later } from "./enhance/enhancement-messages";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export { cast } from "./enhance/send-vote";
export { reorder } from "./enhance/reorder";

/** Called once for each thread, after its first comments were drawn. */
export function begin(view: View): void {
  view.words.learn(later, view.words.locale.later);
  view.root.adoptedStyleSheets.push(sheet);
  followRoutes(view);
  theme(view);
  ownStyle(view);
  const fresh = unread(view);
  dress(view, fold(view), fresh.mark, peek(view));
  listen(view, fresh);
  quotable(view);
  resync(view);
  if (/[?&]afterword-debug\b/.test(location.search)) view.part("diagnostics").then(({ report }) => report(view)).catch((thrown) => view.failed("later", thrown));
}
