// The entry of composer.js, loaded when a reader writes or has written here: post, preview, edit, delete.
// Must never be needed for reading, and never hold a second copy of what core.ts has.
// Next: post-form.ts for new comments, own-comments.ts and pending-delete.ts for the reader's own, editor.ts for what
// both forms share, quote.ts.
import { errorMessages } from "./api/errors";
import type { View } from "./types";
import css from "./compose/form.css";
import { resumePendingDeletes } from "./compose/pending-delete";
import { loadOwnComments as standing } from "./compose/own-comments";
import { resumeUnsent } from "./compose/outbox";
import { writerErrors, writerMessages } from "./compose/writer-errors";
import type { Message } from "./i18n/messages";

errorMessages.push(...writerErrors);

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** Adds the messages and styles of writing to a thread. */
export function attach(view: View, phrases?: Message[]): void {
  const sheets = view.root.adoptedStyleSheets;
  if (sheets.includes(sheet)) return;
  sheets.push(sheet);
  view.messages.addCatalogue(writerMessages, phrases);
}

export { openForm } from "./compose/post-form";
export { ownActions } from "./compose/own-actions";
export { refreshEditWindows } from "./compose/edit-window";
export { quote } from "./compose/quote";

/** Restores what an earlier visit left: own comments, unsent comments and pending deletes. */
export async function resume(view: View): Promise<void> {
  resumeUnsent(view);
  await standing(view);
  resumePendingDeletes(view);
}
