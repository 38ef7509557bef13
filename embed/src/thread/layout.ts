// What stands around the comments: the heading with the count, the order, the form or the notice, the live regions.
// Must never be drawn twice for one thread: a half-written comment stands in it.
// Next: list.ts fills the list, comment-form.ts makes the form.
import { el } from "../dom/element";
import { prompt } from "./comment-form";
import type { Sort } from "../api/api-types";
import { fill, plural, type Word } from "../i18n/messages";
import type { Frame, View } from "../types";

export function drawFrame(view: View): Frame {
  const { say } = view.words;
  const heading = el("h" + view.level, { id: "title", class: "title", part: "heading", tabindex: -1, dir: "auto" });
  const form = view.thread.open ? prompt(view, null) : null;
  const notice = el("div", { class: "notice", part: "notice", hidden: true });
  const list = el("ol", { class: "list", role: "list" });
  const foot = el("div", { class: "foot" });
  const section = el(
    "section",
    { "aria-busy": true, class: "thread", part: "thread", "aria-labelledby": "title", lang: view.words.language, dir: view.words.direction },
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
export function drawHeading(view: View): void {
  const { count, title } = view.thread;
  const wording = view.site.heading;
  const named = title || view.host.get("page-title") || "";
  // Between words from right to left, a title keeps its own direction (Unicode's isolates).
  const shown = named && view.words.direction === "rtl" ? `\u2068${named}\u2069` : named;
  const own = wording && (count || wording.zero) ? plural((category) => wording[category], count, view.language) : "";
  view.frame!.heading.textContent = own
    ? fill(own, { count: view.words.number(count), title: shown })
    : view.words.count(shown && count ? "heading" : "plain", count, { title: shown });
  view.frame!.section.classList.toggle("few", count < 2);
}

/** One more or one fewer, after the reader's own doing. */
export function recount(view: View, change: number): void {
  view.thread.count = Math.max(0, view.thread.count + change);
  drawHeading(view);
}

/** A line above the list, with a button when there is something to do about it. */
export function notify(view: View, word: Word | null, action?: Word, act?: () => void): void {
  const { notice } = view.frame!;
  notice.replaceChildren();
  notice.hidden = !word;
  if (!word) return;
  notice.append(el("span", {}, view.words.say(word)));
  if (action) notice.append(" ", el("button", { type: "button", class: "button", part: "button", click: act }, view.words.say(action)));
}

function sortControl(view: View): HTMLElement {
  const { say } = view.words;
  const orders: Sort[] = view.site.votes === "off" ? ["oldest", "newest", "replies"] : ["oldest", "newest", "best", "replies"];
  const select = el("select", { part: "select" }, ...orders.map((order) => el("option", { value: order }, say(`sort.${order}`))));
  select.value = view.sort;
  select.addEventListener("change", () => view.part("enhancements").then(({ reorder }) => reorder(view, select)).catch((thrown) => view.failed("load", thrown)));
  return el("label", { class: "sort", part: "sort" }, say("sort") + " ", select);
}
