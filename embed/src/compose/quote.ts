// Answers what somebody selected: the words stand as a quotation in the form below what they are from.
// Must never overwrite what was written already.
// Next: toolbar.ts types it in, comment-form.ts has the form.
import { toggleReply } from "../thread/comment-form";
import type { Item, View } from "../types";
import { quoted, type } from "./toolbar";
import { adopt } from "./post-form";

/** `item`: the comment that the words are from; null for the article, which gets a link back to them. */
export function quote(view: View, item: Item | null, words: string): void {
  if (item && !item.form) {
    const button = item.article.querySelector<HTMLElement>("[part~=reply]");
    if (button) toggleReply(view, item, button);
  }
  const form = item?.form || view.frame!.form;
  if (!form) return;
  const passage = quoted(words) + (item ? "" : "\n>\n> — " + source(view, words)) + "\n\n";
  if (!form.controls) adopt(view, form);
  const { text } = form;
  const before = text.value.trimEnd();
  type(text, 0, text.value.length, (before ? before + "\n\n" : "") + passage);
  text.scrollIntoView({ block: "nearest" });
}

/** A link to the very words (https://wicg.github.io/scroll-to-text-fragment/). */
function source(view: View, words: string): string {
  const parts = words.trim().split(/\s+/);
  const part = (some: string[]) => encodeURIComponent(some.join(" ")).replace(/-/g, "%2D");
  const fragment = parts.length > 12 ? part(parts.slice(0, 5)) + "," + part(parts.slice(-5)) : part(parts);
  const title = (view.thread.title || document.title).replace(/[\\\[\]]/g, "\\$&");
  return `[${title}](${view.place.page.split("#")[0]}#:~:text=${fragment.replace(/[()]/g, (one) => (one === "(" ? "%28" : "%29"))})`;
}
