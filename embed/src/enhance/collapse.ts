// Collapses and expands conversations, and stores which ones are collapsed.
// Must never lose the text of a form inside, and never keep a linked comment collapsed.
// Next: decorate.ts calls it for each comment, permalink.ts expands the conversation that a link leads to.
import { el } from "../dom/element";
import { authorName } from "../thread/author";
import type { CommentItem, View } from "../types";
import type { Decorator } from "./decorate";

/** The most collapsed conversations that are stored for one page. */
const MAX_REMEMBERED = 100;

export function collapse(view: View): Decorator {
  const { storage, messages } = view;
  const name = "fold:" + view.pageKey;
  const folded = new Set(storage.get<number[]>(name) || []);

  const update = (item: CommentItem, button: HTMLButtonElement) => {
    const { id } = item.comment;
    const on = folded.has(id);
    item.li.classList.toggle("folded", on);
    const label = messages.say("later.fold", { name: authorName(view, item.comment) });
    button.ariaExpanded = String(!on);
    button.textContent = on ? `+${messages.formatNumber(item.li.querySelectorAll("article").length)}` : "−";
    // The accessible name contains the visible text: users of voice control say what they see (WCAG 2.2, 2.5.3).
    button.ariaLabel = on ? `${button.textContent} ${label}` : label;
  };
  return (item) => {
    const head = item.article.querySelector(".head");
    if (!head || head.querySelector(".fold") || !(item.replies?.childElementCount || item.comment.more)) return;
    const { id } = item.comment;
    const button = el("button", { type: "button", class: "act fold", part: "action fold" });
    button.addEventListener("click", () => {
      if (!folded.delete(id)) folded.add(id);
      storage.set(name, [...folded].slice(-MAX_REMEMBERED));
      update(item, button);
    });
    update(item, button);
    head.append(button);
  };
}
