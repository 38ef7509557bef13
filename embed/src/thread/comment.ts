// One comment: who, when, what, and what can be done about it.
// Must never show the name of a control without whose comment it acts on, and never trust a link in an answer.
// Next: safe-tree.ts grows the body, votes.ts counts, comment-form.ts opens the reply; what its author may do is in edit-window.ts.
import { nameOf } from "./author";
import { avatar } from "./avatar";
import { timeElement } from "../dom/clock";
import { around, el } from "../dom/element";
import { toggleReply } from "./comment-form";
import { growAll } from "./safe-tree";
import { voteButtons } from "./votes";
import type { Item, View } from "../types";
import type { Comment } from "../api/api-types";

export function makeItem(view: View, comment: Comment, parent: Item | null): Item {
  const { id } = comment;
  const slot = el("div", { class: "slot" });
  const depth = parent ? parent.depth + 1 : 0;
  const article = el("article", { id: "comment-" + id, tabindex: -1, "aria-labelledby": "by-" + id, class: "comment" + (depth > 5 ? " deep" : "") + (depth > 2 ? " deeper" : "") });
  article.append(slot);
  const li = el("li", { "data-id": id }, article);
  const item = { comment, parent, depth, li, article, slot, replies: null, listed: 0, form: null } as unknown as Item;
  item.top = parent ? parent.top : item;
  refresh(view, item);
  return item;
}

/** Draws everything of a comment anew but its open form and its replies. */
export function refresh(view: View, item: Item): void {
  const { comment, parent, article, slot } = item;
  const { say } = view.words;
  const { author, status, id } = comment;
  const held = status === "held";
  const name = nameOf(view, comment);
  article.part = "comment" + (parent ? " reply" : "") + (held ? " held" : "") + (status === "deleted" ? " deleted" : "");
  article.classList.toggle("gone", status === "deleted");

  const who = el("h" + (view.level + 1), { id: "by-" + id, class: "author", part: "author" });
  if (author) {
    const bdi = el("bdi", { lang: view.language }, name);
    const safe = /^https?:\/\//i.test(author.website || "");
    who.append(safe ? el("a", { href: author.website, rel: "ugc nofollow noopener" }, bdi) : bdi);
    if (parent?.comment.author) {
      who.append(el("span", { class: "to" }, ", ", ...around(say("in_reply_to"), "name", el("bdi", {}, nameOf(view, parent.comment)))));
    }
  } else {
    who.append(say("deleted"));
  }
  const time = el("a", { class: "time", part: "time", href: `${location.href.split("#")[0]}#comment-${id}` }, timeElement(comment.created_at, view.words));
  const head = el("div", { class: "head" }, who, time, comment.edited_at ? el("span", { class: "quiet" }, say("edited")) : null, held && el("span", { class: "badge", part: "badge" }, say("held")));
  const body = el("div", { class: "body", part: "body", dir: "auto", lang: view.language }, ...growAll(comment.body));
  const rest = author ? [body, actions(view, item, name)] : [];
  article.replaceChildren(avatar(name, author && author.avatar), head, ...rest, slot);
}

/** An ordinary quiet button, named for whose comment it acts on. */
function action(label: string, name: string, part: string, act: (event: Event) => void): HTMLButtonElement {
  return el("button", { type: "button", class: "act", part: "action " + part, "aria-label": name, click: act }, label);
}

function actions(view: View, item: Item, name: string): HTMLElement {
  const { say } = view.words;
  const { comment } = item;
  const bar = el("div", { class: "actions", part: "actions" });
  const note = el("p", { class: "error note", hidden: true });
  if (comment.status === "approved") {
    if (view.site.votes !== "off") bar.append(...voteButtons(view, item, name, note));
    if (view.thread.open) {
      const reply = action(say("reply"), say("reply_to", { name }), "reply", () => toggleReply(view, item, reply));
      reply.ariaExpanded = String(!!item.form);
      bar.append(reply);
    }
  }
  view.writing?.ownActions(view, item, bar, (word, act) => action(say(word), say("of", { action: say(word), name }), word, act));
  return el("div", {}, bar, note);
}
