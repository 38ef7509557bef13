// Draws one comment: author, time, body, and the buttons below it.
// Must never name a control without the author whose comment it acts on, and never trust a link in a response.
// Next: safe-tree.ts renders the body, votes.ts the votes, comment-form.ts opens the reply form, edit-window.ts has the
// author's own actions.
import { authorName } from "./author";
import { createAvatar } from "./avatar";
import { timeElement } from "../dom/clock";
import { interpolate, el } from "../dom/element";
import { toggleReply } from "./comment-form";
import { renderTree } from "./safe-tree";
import { voteButtons } from "./votes";
import type { CommentItem, View } from "../types";
import type { Comment } from "../api/api-types";

export function createItem(view: View, comment: Comment, parent: CommentItem | null): CommentItem {
  const { id } = comment;
  const slot = el("div", { class: "slot" });
  const depth = parent ? parent.depth + 1 : 0;
  const article = el("article", {
    id: "comment-" + id,
    tabindex: -1,
    "aria-labelledby": "by-" + id,
    class: "comment" + (depth > 5 ? " deep" : "") + (depth > 2 ? " deeper" : ""),
  });
  article.append(slot);
  const li = el("li", { "data-id": id }, article);
  const item = {
    comment,
    parent,
    depth,
    li,
    article,
    slot,
    replies: null,
    lastListedId: 0,
    form: null,
  } as unknown as CommentItem;
  item.top = parent ? parent.top : item;
  redraw(view, item);
  return item;
}

/** Draws all of a comment again, except its open form and its replies. */
export function redraw(view: View, item: CommentItem): void {
  const { comment, parent, article, slot } = item;
  const { say } = view.messages;
  const { author, status, id } = comment;
  const held = status === "held";
  const name = authorName(view, comment);
  article.part =
    "comment" + (parent ? " reply" : "") + (held ? " held" : "") + (status === "deleted" ? " deleted" : "");
  article.classList.toggle("gone", status === "deleted");

  const who = el("h" + (view.level + 1), { id: "by-" + id, class: "author", part: "author" });
  if (author) {
    const bdi = el("bdi", { lang: view.language }, name);
    const safe = /^https?:\/\//i.test(author.website || "");
    who.append(safe ? el("a", { href: author.website, rel: "ugc nofollow noopener" }, bdi) : bdi);
    if (parent?.comment.author) {
      who.append(
        el(
          "span",
          { class: "to" },
          ", ",
          ...interpolate(say("in_reply_to"), "name", el("bdi", {}, authorName(view, parent.comment))),
        ),
      );
    }
  } else {
    who.append(say("deleted"));
  }
  const time = el(
    "a",
    { class: "time", part: "time", href: `${location.href.split("#")[0]}#comment-${id}` },
    timeElement(comment.created_at, view.messages),
  );
  const head = el(
    "div",
    { class: "head" },
    who,
    time,
    comment.edited_at ? el("span", { class: "quiet" }, say("edited")) : null,
    held && el("span", { class: "badge", part: "badge" }, say("held")),
  );
  const body = el(
    "div",
    { class: "body", part: "body", dir: "auto", lang: view.language },
    ...renderTree(comment.body),
  );
  const content = author ? [body, actionBar(view, item, name)] : [];
  article.replaceChildren(createAvatar(name, author?.avatar), head, ...content, slot);
}

/** A plain button whose accessible name contains the comment's author. */
function actionButton(label: string, name: string, part: string, act: (event: Event) => void): HTMLButtonElement {
  return el("button", { type: "button", class: "act", part: "action " + part, "aria-label": name, click: act }, label);
}

function actionBar(view: View, item: CommentItem, name: string): HTMLElement {
  const { say } = view.messages;
  const { comment } = item;
  const bar = el("div", { class: "actions", part: "actions" });
  const note = el("p", { class: "error note", hidden: true });
  if (comment.status === "approved") {
    if (view.site.votes !== "off") bar.append(...voteButtons(view, item, name, note));
    if (view.thread.open) {
      const reply = actionButton(say("reply"), say("reply_to", { name }), "reply", () =>
        toggleReply(view, item, reply),
      );
      reply.ariaExpanded = String(!!item.form);
      bar.append(reply);
    }
  }
  view.loadedComposer?.ownActions(view, item, bar, (word, act) =>
    actionButton(say(word), say("of", { action: say(word), name }), word, act),
  );
  return el("div", {}, bar, note);
}
