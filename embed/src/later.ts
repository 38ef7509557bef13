// What can wait until the comments are on the screen; loaded once they are.
// Must never be needed for reading, and never move what somebody is reading.
// Next: dress.ts finds the comments; fold.ts, peek.ts and unread.ts add to them; live.ts, theme.ts, quotable.ts, route.ts.
import type { View } from "./core.js";
import { dress } from "./dress";
import { fold } from "./fold";
import css from "./later.css";
import { listen } from "./live";
import { peek } from "./peek";
import { resync } from "./resync";
import { quotable } from "./quotable";
import { followRoutes } from "./route";
import { ownStyle, theme } from "./theme";
import { unread } from "./unread";
import { later } from "./waiting";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export { cast } from "./cast";
export { reorder } from "./reorder";

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
  if (/[?&]afterword-debug\b/.test(location.search)) import("./trouble.js").then(({ report }) => report(view)).catch((thrown) => view.failed("later", thrown));
}
