// The writing half of the widget, loaded when somebody writes or has written here: write, preview, edit, delete.
// Must never be needed for reading, and never hold a second copy of what core.ts has.
// Next: post-form.ts for new comments, own-comments.ts and pending-delete.ts for one's own, editor.ts for what both forms share, quote.ts.
import { meanings } from "./api/errors";
import type { View } from "./types";
import css from "./compose/form.css";
import { resumeGoing } from "./compose/pending-delete";
import { recall as standing } from "./compose/own-comments";
import { resume } from "./compose/outbox";
import { refusals, writing } from "./compose/writer-errors";
import type { Phrase } from "./i18n/messages";

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

export { adopt } from "./compose/post-form";
export { ownActions } from "./compose/own-actions";
export { tickOwn } from "./compose/edit-window";
export { quote } from "./compose/quote";

/** What an earlier visit left: one's own comments, those that were not sent, and those that were deleted. */
export async function recall(view: View): Promise<void> {
  resume(view);
  await standing(view);
  resumeGoing(view);
}
