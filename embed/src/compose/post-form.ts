// The form of a new comment or reply: author fields, validation, sending, and inserting the comment.
// Must never show a comment as posted before the server confirms it, and never ask again for a name that is stored.
// Next: editor.ts stores and validates, outbox.ts sends, own-comments.ts edits afterwards.
import { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { interpolate, el } from "../dom/element";
import { hasNavigated } from "../thread/navigation";
import { closeForm, draftName } from "../thread/comment-form";
import type { CommentForm, View } from "../types";
import { removeExpiredDrafts } from "../storage/drafts";
import { openEditor } from "./editor";
import type { AuthorFields } from "../storage/reader-storage";
import { showPosted, send, showUnsent } from "./outbox";
import { reveal } from "../thread/permalink.js";
import type { MessageKey } from "../i18n/messages";

export function openForm(view: View, form: CommentForm): void {
  if (form.controls) return;
  const { item, node, text } = form;
  const { say } = view.messages;
  const { site } = view;
  const saved: Partial<AuthorFields> = view.storage.get<AuthorFields>("person") || {};
  removeExpiredDrafts(view.storage, now());

  const field = (name: keyof AuthorFields, word: MessageKey, props: Record<string, string | boolean>) => {
    const id = `${name}-${item?.comment.id || 0}`;
    const input = el("input", { id, name, part: "input", dir: "auto", ...props });
    input.value = saved[name] || "";
    return {
      input,
      node: el(
        "div",
        {},
        el(
          "label",
          { for: id, class: "label", part: "label" },
          props.required ? say(word) : say("write.optional", { label: say(word) }),
        ),
        input,
      ),
    };
  };
  const name = field("name", "write.name", { autocomplete: "name", required: site.require_name });
  const email = field("email", "write.email", { type: "email", autocomplete: "email", required: site.require_email });
  const website = field("website", "write.website", { type: "url", autocomplete: "url" });

  const who = el("div", { class: "who" }, name.node, email.node, website.node);
  /** An author who wrote here before does not enter the fields again. */
  const signedAs = (known: string) => {
    who.hidden = !site.require_email || !!email.input.value;
    const change = el(
      "button",
      { type: "button", class: "button", part: "button", click: () => ((who.hidden = false), name.input.focus()) },
      say("edit"),
    );
    return el(
      "p",
      { class: "quiet as" },
      el("span", {}, ...interpolate(say("write.as"), "name", el("bdi", {}, known))),
      " ",
      change,
    );
  };

  form.controls = openEditor(view, {
    node,
    text,
    draft: draftName(view, item?.comment.id || 0),
    label: "write.post",
    extra: saved.name ? [signedAs(saved.name), who] : [who],
    fields: { text, name: name.input, email: email.input, website: website.input },
    cancel: item && (() => closeForm(view, item)),

    check() {
      if (!text.value.trim()) return new Problem("text_missing", "", "text");
      if (site.require_name && !name.input.value.trim()) return new Problem("name_missing", "", "name");
      if (site.require_email && !email.input.value.trim()) return new Problem("email_missing", "", "email");
      return null;
    },

    async send(written, key) {
      const person: AuthorFields = {
        name: name.input.value.trim(),
        email: email.input.value.trim(),
        website: website.input.value.trim(),
      };
      const unsent = {
        parent: item ? item.comment.id : null,
        key,
        ...person,
        text: written,
        title: pageTitle(view),
        at: now(),
      };
      // A listener of the page may refuse the comment: to ask for consent, or to filter words.
      if (!view.dispatch("before-submit", { parent: unsent.parent, text: written, name: person.name }))
        throw new Problem("aborted", "");
      // Stored before the response: after a reload, a retry sends exactly the same.
      view.storage.set("person", person);
      let answer;
      try {
        answer = await send(view, unsent);
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.code !== "network") throw thrown;
        view.report("post", thrown);
      }
      text.value = "";
      if (item) closeForm(view, item);
      if (answer) return reveal(showPosted(view, answer, written), "nearest");
      showUnsent(view, unsent);
      view.alert(say("write.waiting"));
    },
  });
}

/**
 * The article's title, for a thread that does not exist yet. After a router has changed the page, the title for sharing
 * counts only where it is of this article: the document's title begins with it, and either the canonical link is not
 * left over from another article or nothing but the site's name follows.
 */
function pageTitle({ host, context }: View): string {
  const meta = (property: string) =>
    document.querySelector<HTMLMetaElement>(`meta[property="og:${property}"]`)?.content || "";
  const shared = meta("title");
  const rest = document.title.startsWith(shared) && document.title.slice(shared.length);
  const begins = rest === "" || (rest && /^\s+[^\s\p{L}\p{N}]/u.test(rest));
  const canonical = document.querySelector<HTMLLinkElement>("[rel=canonical]")?.href;
  const left = canonical && canonical === context.canonical && canonical !== context.page;
  const site = meta("site_name");
  const fresh = begins && (!left || (site && rest && rest.replace(/^\s+\S+\s+/, "") === site));
  const stale = hasNavigated(context.canonical) && !fresh;
  return [...(host.get("page-title") || (!stale && shared) || document.title)].slice(0, 300).join("");
}
