// A reader's own comments: loads those that wait for approval, and edits one while its edit window is open.
// Must never offer what the server would refuse.
// Next: reader-storage.ts has the tokens, editor.ts the form, pending-delete.ts deletes.
import { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { loadDraft } from "../storage/drafts";
import { authorName } from "../thread/author";
import { changeCount } from "../thread/layout";
import { add } from "../thread/list";
import { draftName } from "../thread/comment-form";
import type { CommentItem, View } from "../types";
import { openEditor } from "./editor";
import { timeLeft } from "./edit-window";
import { reveal } from "../thread/permalink.js";
import { editComment, fetchOwnComments } from "./write-api";

/** Requests the status of the comments written in this browser; shows those that only their author may see. */
export async function loadOwnComments(view: View): Promise<void> {
  const tokens = view.storage
    .ownComments()
    .filter((one) => one.page === view.pageKey)
    .slice(-50);
  if (!tokens.length) return;
  const { comments } = await fetchOwnComments(
    view,
    tokens.map(({ id, token }) => ({ id, token })),
  );
  for (const { comment, text, edit_until: until } of comments) {
    const { token } = tokens.find((one) => one.id === comment.id)!;
    view.editRights.set(comment.id, { token, text, until, version: comment.version });
    const { comment: drawn } = view.items.get(comment.id) || {};
    // An approved comment of a later page is loaded with that page.
    if (drawn || comment.status === "held")
      add(view, drawn ? { ...comment, more: drawn.more } : comment, view.items.get(comment.parent!) || null);
  }
  const answered = comments.map((one) => one.comment.id);
  view.storage.removeOwnComments(tokens.map((one) => one.id).filter((id) => !answered.includes(id)));
}

export function edit(view: View, item: CommentItem): void {
  const { say } = view.messages;
  const { id } = item.comment;
  const right = view.editRights.get(id);
  if (!right) return;
  const fieldId = `edit-${id}`;
  const textarea = el("textarea", { id: fieldId, part: "textarea", dir: "auto", lang: view.language, rows: 4 });
  const label = say("of", { action: say("edit"), name: authorName(view, item.comment) });
  const node = el(
    "form",
    { class: "form", part: "form", novalidate: true },
    el("label", { for: fieldId, class: "label", part: "label" }, label),
    textarea,
  );
  for (const type of ["keydown", "keypress", "keyup"]) node.addEventListener(type, (event) => event.stopPropagation());
  node.addEventListener("submit", (event) => event.preventDefault());

  /** A draft may be based on another version than the present one. */
  const draft = loadDraft(view.storage, draftName(view, fieldId), now());
  let version = draft ? draft.version || 0 : right.version;
  /** The comment as it was changed elsewhere since. */
  const present = el("textarea", {
    part: "textarea",
    dir: "auto",
    lang: view.language,
    rows: 4,
    readonly: true,
    hidden: true,
    "aria-labelledby": fieldId + "-error",
  });
  const compare = async (thrown: unknown): Promise<never> => {
    if (!(thrown instanceof Problem) || thrown.code !== "conflict") throw thrown;
    const [found] = (await fetchOwnComments(view, [{ id, token: right.token }])).comments;
    if (!found) throw thrown;
    right.version = version = found.comment.version;
    right.text = present.value = found.text;
    present.hidden = false;
    throw Object.assign(new Problem(thrown.code, thrown.message, "text"), { told: say("write.e.changed") });
  };

  const close = () => {
    item.form = null;
    item.slot.replaceChildren();
    item.article.classList.remove("editing");
  };
  openEditor(view, {
    node,
    text: textarea,
    draft: draftName(view, fieldId),
    label: "write.save",
    extra: [present, timeLeft(right.until, view.messages)],
    fields: { text: textarea },
    version: () => version,
    check: () => (textarea.value.trim() ? null : new Problem("text_missing", "", "text")),
    cancel() {
      close();
      view.storage.remove(draftName(view, fieldId));
      item.article.querySelector<HTMLElement>("[part~=edit]")?.focus();
    },
    async send(written) {
      const { comment } = await editComment(view, id, right.token, written, version).catch(compare);
      right.text = written;
      right.version = comment.version;
      close();
      const before = item.comment.status;
      add(view, { ...comment, replies: item.comment.replies, more: item.comment.more }, item.parent);
      if (before !== comment.status) changeCount(view, comment.status === "approved" ? 1 : -1);
      reveal(item, "nearest");
      view.announce(say("write.saved"));
      view.dispatch("edited", { id, status: comment.status });
    },
  });
  textarea.value ||= right.text;
  item.form = { node, text: textarea, item, restore() {} };
  item.slot.replaceChildren(node);
  item.article.classList.add("editing");
  textarea.focus();
}
