// One's own comments: those that wait for approval, and changing or deleting one while there is time.
// Must never offer what the server would refuse, and never ask by a window that belongs to the browser.
// Next: keep.ts has the tokens, editor.ts the form.
import { add, draftName, el, nameOf, Problem, recount, refresh, reveal, takeOut, timeLeft, type Item, type View } from "./core.js";
import { editor } from "./editor";

/** Asks how the comments written in this browser stand; shows those that only their author may see. */
export async function recall(view: View): Promise<void> {
  const kept = view.keep.mine().filter((one) => one.page === view.pageKey).slice(-50);
  const { comments } = await view.api.own(kept.map(({ id, token }) => ({ id, token })));
  for (const { comment, text, edit_until: until } of comments) {
    const { token } = kept.find((one) => one.id === comment.id)!;
    view.own.set(comment.id, { token, text, until });
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
    extra: [timeLeft(own.until, view.words)],
    fields: { text },
    check: () => (text.value.trim() ? null : new Problem("text_missing", "", "text")),
    cancel() {
      close();
      view.keep.drop(draftName(view, area));
      item.article.querySelector<HTMLElement>("[part~=edit]")?.focus();
    },
    async send(written) {
      const { comment } = await view.api.edit(id, own.token, written);
      own.text = written;
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

/** Asks in the place of the buttons, then deletes. */
export function remove(view: View, item: Item, bar: HTMLElement): void {
  const { say } = view.words;
  const { id } = item.comment;
  const ask = el("span", { id: `ask-${id}`, class: "quiet ask" });
  const sure = el("button", { type: "button", class: "button danger", part: "button danger", "aria-describedby": ask.id }, say("delete"));
  const keep = el("button", { type: "button", class: "button", part: "button" }, say("write.cancel"));
  const back = () => {
    refresh(view, item);
    item.article.querySelector<HTMLElement>("[part~=delete]")?.focus();
  };
  keep.addEventListener("click", back);
  bar.addEventListener("keydown", (event) => event.key === "Escape" && back());
  sure.addEventListener("click", async () => {
    if (sure.ariaDisabled) return;
    sure.ariaDisabled = "true";
    try {
      await view.api.remove(id, view.own.get(id)!.token);
      view.keep.forget([id]);
      view.own.delete(id);
      if (item.comment.status === "approved") recount(view, -1);
      (takeOut(view, item)?.article || view.frame!.heading).focus();
      view.say(say("write.delete_done"));
      view.fire("deleted", { id });
    } catch (thrown) {
      const words = view.explain(view.failed("delete", thrown));
      sure.ariaDisabled = null;
      ask.textContent = words;
      ask.className = "error ask";
      view.alert(words);
    }
  });
  bar.replaceChildren(ask, sure, keep);
  sure.focus();
}
