// One's own comments: those that wait for approval, and changing one while there is time.
// Must never offer what the server would refuse.
// Next: reader-storage.ts has the tokens, editor.ts the form, pending-delete.ts deletes.
import { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { savedDraft } from "../storage/drafts";
import { nameOf } from "../thread/author";
import { recount } from "../thread/layout";
import { add } from "../thread/list";
import { draftName } from "../thread/comment-form";
import type { Item, View } from "../types";
import { editor } from "./editor";
import { timeLeft } from "./edit-window";
import { reveal } from "../thread/permalink.js";
import { change, standing } from "./write-api";

/** Asks how the comments written in this browser stand; shows those that only their author may see. */
export async function recall(view: View): Promise<void> {
  const kept = view.keep.mine().filter((one) => one.page === view.pageKey).slice(-50);
  if (!kept.length) return;
  const { comments } = await standing(view, kept.map(({ id, token }) => ({ id, token })));
  for (const { comment, text, edit_until: until } of comments) {
    const { token } = kept.find((one) => one.id === comment.id)!;
    view.own.set(comment.id, { token, text, until, version: comment.version });
    const { comment: drawn } = view.items.get(comment.id) || {};
    // What is approved and on a later page comes with that page.
    if (drawn || comment.status === "held") add(view, drawn ? { ...comment, more: drawn.more } : comment, view.items.get(comment.parent!) || null);
  }
  const there = comments.map((one) => one.comment.id);
  view.keep.forget(kept.map((one) => one.id).filter((id) => !there.includes(id)));
}

export function edit(view: View, item: Item): void {
  const { say } = view.words;
  const { id } = item.comment;
  const own = view.own.get(id);
  if (!own) return;
  const area = `edit-${id}`;
  const text = el("textarea", { id: area, part: "textarea", dir: "auto", lang: view.language, rows: 4 });
  const label = say("of", { action: say("edit"), name: nameOf(view, item.comment) });
  const node = el("form", { class: "form", part: "form", novalidate: true }, el("label", { for: area, class: "label", part: "label" }, label), text);
  for (const type of ["keydown", "keypress", "keyup"]) node.addEventListener(type, (event) => event.stopPropagation());
  node.addEventListener("submit", (event) => event.preventDefault());

  /** What a draft was made from may be another version than the present one. */
  const draft = savedDraft(view.keep, draftName(view, area), now());
  let version = draft ? draft.version || 0 : own.version;
  /** The comment as somebody else left it in the meantime. */
  const present = el("textarea", { part: "textarea", dir: "auto", lang: view.language, rows: 4, readonly: true, hidden: true, "aria-labelledby": area + "-error" });
  const compare = async (thrown: unknown): Promise<never> => {
    if (!(thrown instanceof Problem) || thrown.code !== "conflict") throw thrown;
    const [found] = (await standing(view, [{ id, token: own.token }])).comments;
    if (!found) throw thrown;
    own.version = version = found.comment.version;
    own.text = present.value = found.text;
    present.hidden = false;
    throw Object.assign(new Problem(thrown.code, thrown.message, "text"), { told: say("write.e.changed") });
  };

  const close = () => {
    item.form = null;
    item.slot.replaceChildren();
    item.article.classList.remove("editing");
  };
  editor(view, {
    node,
    text,
    draft: draftName(view, area),
    label: "write.save",
    extra: [present, timeLeft(own.until, view.words)],
    fields: { text },
    version: () => version,
    check: () => (text.value.trim() ? null : new Problem("text_missing", "", "text")),
    cancel() {
      close();
      view.keep.drop(draftName(view, area));
      item.article.querySelector<HTMLElement>("[part~=edit]")?.focus();
    },
    async send(written) {
      const { comment } = await change(view, id, own.token, written, version).catch(compare);
      own.text = written;
      own.version = comment.version;
      close();
      const before = item.comment.status;
      add(view, { ...comment, replies: item.comment.replies, more: item.comment.more }, item.parent);
      if (before !== comment.status) recount(view, comment.status === "approved" ? 1 : -1);
      reveal(item, "nearest");
      view.say(say("write.saved"));
      view.fire("edited", { id, status: comment.status });
    },
  });
  text.value ||= own.text;
  item.form = { node, text, item, restore() {} };
  item.slot.replaceChildren(node);
  item.article.classList.add("editing");
  text.focus();
}
