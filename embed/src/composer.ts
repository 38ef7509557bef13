// The writing half of the widget, loaded when somebody writes or has written here: write, preview, edit, delete.
// Must never be needed for reading, and never hold a second copy of what core.ts has.
// Next: write.ts for new comments, mine.ts and going.ts for one's own, editor.ts for what both forms share, quote.ts.
import { meanings, type View } from "./core.js";
import css from "./form.css";
import { resumeGoing } from "./going";
import { recall as standing } from "./mine";
import { resume } from "./outbox";
import { refusals, writing } from "./refusals";
import type { Phrase } from "./words";

meanings.push(...refusals);

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** Gives a thread the words and the looks of writing. */
export function join(view: View, phrases?: Phrase[]): void {
  const sheets = view.root.adoptedStyleSheets;
  if (sheets.includes(sheet)) return;
  sheets.push(sheet);
  view.words.learn(writing, phrases);
}

export { adopt } from "./write";
export { ownActions, tickOwn } from "./left";
export { quote } from "./quote";

/** What an earlier visit left: one's own comments, those that were not sent, and those that were deleted. */
export async function recall(view: View): Promise<void> {
  resume(view);
  await standing(view);
  resumeGoing(view);
}
