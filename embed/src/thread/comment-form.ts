// The first form of a comment: a label and a text area. composer.js opens it when somebody wants to write.
// Must never lose a letter that was typed before the composer arrived, and never move the focus by itself.
// Next: composer.ts takes the form over.
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { authorName } from "./author";
import { randomToken } from "../storage/reader-storage";
import type { CommentForm, CommentItem, View } from "../types";

/** The name that a draft is kept under. */
export const draftName = (view: View, target: string | number): string => `draft:${view.pageKey}:${target}`;

export function createForm(view: View, item: CommentItem | null): CommentForm {
  const { say } = view.messages;
  const id = "write-" + (item?.comment.id || 0);
  const label = item ? say("reply_to", { name: authorName(view, item.comment) }) : say("write");
  const text = el("textarea", { id, part: "textarea", rows: item ? 4 : 2, dir: "auto", lang: view.language });
  const node = el(
    "form",
    { class: "form", part: "form", novalidate: true, submit: (event: Event) => event.preventDefault() },
    el("label", { for: id, class: "label", part: "label" }, label),
    text,
  );
  const form: CommentForm = {
    node,
    text,
    item,
    restore: () => view.storage.get(draftName(view, item?.comment.id || 0)) && open(),
  };

  let opening = false;
  async function open(): Promise<void> {
    if (opening) return;
    opening = true;
    try {
      (await view.composer()).openForm(view, form);
    } catch (thrown) {
      // The text stays; the next press of a key tries again.
      opening = false;
      view.report("open", thrown);
      if (!node.querySelector(".error"))
        node.append(
          el(
            "p",
            { class: "error", role: "alert" },
            say("e.internal"),
            " ",
            el("a", { href: view.context.link }, say("open_page")),
          ),
        );
    }
  }
  node.addEventListener("focusin", open);
  // Seen from outside, keys come from <afterword-thread>, not from a field: a page's own shortcuts would take them.
  for (const type of ["keydown", "keypress", "keyup"]) node.addEventListener(type, (event) => event.stopPropagation());
  text.addEventListener("input", open);
  // The page shows another article now; what was written for this one waits for it.
  view.signal.addEventListener("abort", () => saveText(view, form));
  return form;
}

/** Keeps what was typed before the composer came, which does it otherwise. */
function saveText(view: View, { controls, text, item }: CommentForm): void {
  if (!controls && text.value.trim())
    view.storage.set(draftName(view, item?.comment.id || 0), { text: text.value, key: randomToken(), at: now() });
}

/** Opens the form below a comment, or closes it; what was written in it is kept as a draft. */
export function toggleReply(view: View, item: CommentItem, button: HTMLElement, focus = true): void {
  if (item.form) return closeForm(view, item);
  item.form = createForm(view, item);
  item.slot.replaceChildren(item.form.node);
  button.ariaExpanded = "true";
  if (focus) item.form.text.focus();
}

export function closeForm(view: View, item: CommentItem): void {
  if (item.form?.text.value.trim()) view.announce(view.messages.say("draft_kept"));
  if (item.form) saveText(view, item.form);
  item.form = null;
  item.slot.replaceChildren();
  const button = item.article.querySelector<HTMLElement>("button[part~=reply]");
  if (button) button.ariaExpanded = "false";
  button?.focus();
}
