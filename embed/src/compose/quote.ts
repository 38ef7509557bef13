// Inserts selected text as a Markdown quotation into the reply form of its comment, or into the thread's form.
// Must never overwrite text that is already there.
// Next: toolbar.ts inserts it, comment-form.ts opens the form.
import { toggleReply } from "../thread/comment-form";
import type { CommentItem, View } from "../types";
import { asQuotation, replaceRange } from "./toolbar";
import { openForm } from "./post-form";

/** `item`: the comment that the text is from; null for the article, whose quotation gets a link back to the text. */
export function quote(view: View, item: CommentItem | null, passage: string): void {
  if (item && !item.form) {
    const button = item.article.querySelector<HTMLElement>("[part~=reply]");
    if (button) toggleReply(view, item, button);
  }
  const form = item?.form || view.layout!.form;
  if (!form) return;
  const quotation = asQuotation(passage) + (item ? "" : "\n>\n> — " + sourceLink(view, passage)) + "\n\n";
  if (!form.controls) openForm(view, form);
  const { text } = form;
  const before = text.value.trimEnd();
  replaceRange(text, 0, text.value.length, (before ? before + "\n\n" : "") + quotation);
  text.scrollIntoView({ block: "nearest" });
}

/** A link to the quoted text (https://wicg.github.io/scroll-to-text-fragment/). */
function sourceLink(view: View, passage: string): string {
  const parts = passage.trim().split(/\s+/);
  const encode = (some: string[]) => encodeURIComponent(some.join(" ")).replace(/-/g, "%2D");
  const fragment = parts.length > 12 ? encode(parts.slice(0, 5)) + "," + encode(parts.slice(-5)) : encode(parts);
  const title = (view.thread.title || document.title).replace(/[\\[\]]/g, "\\$&");
  return `[${title}](${view.context.page.split("#")[0]}#:~:text=${fragment.replace(/[()]/g, (one) => (one === "(" ? "%28" : "%29"))})`;
}
