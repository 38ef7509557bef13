// The layout around the comments: heading with the count, sort control, form or notice, live regions.
// Must never be drawn twice for one thread: it holds a half-written comment.
// Next: list.ts fills the list, comment-form.ts creates the form.
import { el } from "../dom/element";
import { createForm } from "./comment-form";
import type { Sort } from "../api/api-types";
import { fillPlaceholders, selectPlural, type MessageKey } from "../i18n/messages";
import type { Layout, View } from "../types";

export function createLayout(view: View): Layout {
  const { say } = view.messages;
  const heading = el("h" + view.level, { id: "title", class: "title", part: "heading", tabindex: -1, dir: "auto" });
  const form = view.thread.open ? createForm(view, null) : null;
  const notice = el("div", { class: "notice", part: "notice", hidden: true });
  const list = el("ol", { class: "list", role: "list" });
  const foot = el("div", { class: "foot" });
  const section = el(
    "section",
    {
      "aria-busy": true,
      class: "thread",
      part: "thread",
      "aria-labelledby": "title",
      lang: view.messages.language,
      dir: view.messages.direction,
    },
    el("div", { class: "top" }, heading, sortControl(view)),
    form?.node || el("p", { class: "notice", part: "notice" }, say("closed")),
    notice,
    list,
    foot,
    el("div", { class: "vh", role: "status" }),
    el("div", { class: "vh", role: "alert" }),
  );
  return { section, heading, form, notice, list, foot };
}

/** The count and the title, in the owner's wording or ours. */
export function updateHeading(view: View): void {
  const { count, title } = view.thread;
  const wording = view.site.heading;
  const named = title || view.host.get("page-title") || "";
  // In right-to-left text, a title keeps its own direction (Unicode's isolates).
  const shown = named && view.messages.direction === "rtl" ? `\u2068${named}\u2069` : named;
  const customText =
    wording && (count || wording.zero) ? selectPlural((category) => wording[category], count, view.language) : "";
  view.layout!.heading.textContent = customText
    ? fillPlaceholders(customText, { count: view.messages.formatNumber(count), title: shown })
    : view.messages.count(shown && count ? "heading" : "plain", count, { title: shown });
  view.layout!.section.classList.toggle("few", count < 2);
}

/** Changes the count by one, after the reader's own post or delete. */
export function changeCount(view: View, change: number): void {
  view.thread.count = Math.max(0, view.thread.count + change);
  updateHeading(view);
}

/** A line above the list, with a button when there is an action. */
export function showNotice(view: View, word: MessageKey | null, action?: MessageKey, act?: () => void): void {
  const { notice } = view.layout!;
  notice.replaceChildren();
  notice.hidden = !word;
  if (!word) return;
  notice.append(el("span", {}, view.messages.say(word)));
  if (action)
    notice.append(
      " ",
      el("button", { type: "button", class: "button", part: "button", click: act }, view.messages.say(action)),
    );
}

function sortControl(view: View): HTMLElement {
  const { say } = view.messages;
  const orders: Sort[] =
    view.site.votes === "off" ? ["oldest", "newest", "replies"] : ["oldest", "newest", "best", "replies"];
  const select = el(
    "select",
    { part: "select" },
    ...orders.map((order) => el("option", { value: order }, say(`sort.${order}`))),
  );
  select.value = view.sort;
  select.addEventListener("change", () =>
    view
      .part("enhancements")
      .then(({ reorder }) => reorder(view, select))
      .catch((thrown) => view.report("load", thrown)),
  );
  return el("label", { class: "sort", part: "sort" }, say("sort") + " ", select);
}
