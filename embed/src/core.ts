// The entry of core.js: what the loader calls, and what the other parts import from it.
// Must never contain code that only writers need (that is in composer.ts), or that can wait until the comments are on
// the screen (enhancements.ts).
// Next: thread-view.ts is the thread, api-types.ts its data.
import { part } from "./parts";
import { hasNavigated } from "./thread/navigation";
import { ThreadView } from "./thread/thread-view";
import type { Host, ThreadContext } from "./types";
import { Messages, type Locale } from "./i18n/messages";

export async function mount(
  host: Host,
  context: ThreadContext,
  answer: Promise<Response>,
  signal: AbortSignal,
): Promise<void> {
  const locale = await context.messages;
  const root = host.get("render") === "light" && (await import("./dom/light-dom.js")).lightRoot(host);
  if (host.querySelector("article"))
    await import("./thread/prerendered.js").then(
      (comments) => comments.holdPosition(host),
      () => {},
    );
  if (signal.aborted) return;
  const view = new ThreadView(
    host,
    context,
    new Messages(locale?.tag ? (locale as Locale) : undefined, (key) => host.get("t-" + key)),
    signal,
    root || host.shadowRoot || host.attachShadow({ mode: "open" }),
    part,
  );
  // A router has changed the address: what the loader read from the page may belong to the previous article.
  view.load(
    hasNavigated(context.canonical)
      ? import("./thread/address.js").then(({ confirmPage }) =>
          confirmPage(host, context) ? view.api.parse(answer) : view.api.thread(context.sort),
        )
      : view.api.parse(answer),
  );
}

export { now, refreshTimes } from "./dom/clock";
export { authorName } from "./thread/author";
export { redraw } from "./thread/comment";
export { interpolate, el, icon } from "./dom/element";
export { errorMessages, Problem } from "./api/errors";
export { showNotice, changeCount } from "./thread/layout";
export { randomToken } from "./storage/reader-storage";
export { hasNavigated } from "./thread/navigation";
export { add, drawList, remove } from "./thread/list";
export { closeForm, draftName, toggleReply } from "./thread/comment-form";
export { nextFrame } from "./dom/yield";
export { renderTree } from "./thread/safe-tree";
