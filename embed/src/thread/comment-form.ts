// The comment form before composer.js is loaded: a label and a text area. The first key press loads composer.js.
// Must never lose a letter that was typed before composer.js arrived, and never move the focus by itself.
// Next: composer.ts takes the form over.
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { authorName } from "./author";
import { randomToken } from "../storage/reader-storage";
import type { CommentForm, CommentItem, View } from "../types";

/** The storage key of a draft. */
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
      // The text stays; the next key press tries again.
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
  // Outside the shadow root, key events come from <afterword-thread>, not from a field: a page's own shortcuts would
  // take them.
  for (const type of ["keydown", "keypress", "keyup"]) node.addEventListener(type, (event) => event.stopPropagation());
  text.addEventListener("input", open);
  // The page shows another article by now; the text stays stored as a draft of the first.
  view.signal.addEventListener("abort", () => saveText(view, form));
  return form;
}

/** Stores what was typed before composer.js came; afterwards composer.js stores drafts. */
function saveText(view: View, { controls, text, item }: CommentForm): void {
  if (!controls && text.value.trim())
    view.storage.set(draftName(view, item?.comment.id || 0), { text: text.value, key: randomToken(), at: now() });
}

/** Opens the form below a comment, or closes it; its text is stored as a draft. */
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
