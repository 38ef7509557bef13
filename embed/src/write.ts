// A new comment or a reply: who writes, what, and where it appears once the server has it.
// Must never show a comment as posted before the server said so, and never ask twice for a name it knows.
// Next: editor.ts sends and keeps, mine.ts lets the writer change it afterwards.
import { add, closeForm, draftName, el, recount, reveal, Problem, type Form, type View } from "./core.js";
import { sweepDrafts } from "./drafts";
import { editor } from "./editor";
import type { Person } from "./keep";
import type { Word } from "./words";

export function adopt(view: View, form: Form): void {
  const { item, node, text } = form;
  const { say } = view.words;
  const { site } = view;
  const known: Partial<Person> = view.keep.get<Person>("person") || {};
  sweepDrafts(view.keep);

  const field = (name: keyof Person, word: Word, props: Record<string, string | boolean>) => {
    const id = `${name}-${item?.comment.id || 0}`;
    const input = el("input", { id, name, part: "input", dir: "auto", ...props });
    input.value = known[name] || "";
    return { input, node: el("div", {}, el("label", { for: id, class: "label", part: "label" }, props.required ? say(word) : say("write.optional", { label: say(word) })), input) };
  };
  const name = field("name", "write.name", { autocomplete: "name", required: site.require_name });
  const email = field("email", "write.email", { type: "email", autocomplete: "email", required: site.require_email });
  const website = field("website", "write.website", { type: "url", autocomplete: "url" });

  editor(view, {
    node,
    text,
    draft: draftName(view, item?.comment.id || 0),
    label: "write.post",
    extra: [el("div", { class: "who" }, name.node, email.node, website.node)],
    fields: { text, name: name.input, email: email.input, website: website.input },
    cancel: item && (() => closeForm(view, item)),

    check() {
      if (!text.value.trim()) return new Problem("text_missing", "", "text");
      if (site.require_name && !name.input.value.trim()) return new Problem("name_missing", "", "name");
      if (site.require_email && !email.input.value.trim()) return new Problem("email_missing", "", "email");
      return null;
    },

    async send(written, key) {
      const person: Person = { name: name.input.value.trim(), email: email.input.value.trim(), website: website.input.value.trim() };
      // Kept before it is known to have arrived: after a reload, a second try has to say the very same.
      view.keep.set("person", person);
      const answer = await view.api.post({ parent: item ? item.comment.id : null, key, ...person, text: written }, view.keep.reader(), title(view));
      const { comment, token, edit_until: until } = answer;
      view.keep.claim({ id: comment.id, token, page: view.pageKey, until });
      view.own.set(comment.id, { token, text: written, until });
      const fresh = !view.items.has(comment.id);
      text.value = "";
      if (item) closeForm(view, item);
      // The comment answered may have been drawn anew meanwhile: ask for it as it stands now.
      const posted = add(view, comment, view.items.get(comment.parent!) || null);
      const held = comment.status === "held";
      if (!held && fresh) recount(view, 1);
      reveal(posted, "nearest");
      view.say(say(held ? "held" : "write.posted"));
      view.fire("posted", { id: comment.id, parent: comment.parent, status: comment.status });
    },
  });
}

/** The article's title, for a thread that does not exist yet. */
function title(view: View): string {
  const shared = document.querySelector<HTMLMetaElement>('meta[property="og:title"]')?.content;
  return [...(view.host.get("page-title") || shared || document.title)].slice(0, 300).join("");
}
