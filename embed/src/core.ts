// The reading half of the widget: what the loader calls, and what composer.ts and enhancements.ts share with it.
// Must never grow by what only writers need (that belongs in composer.ts), nor by what can wait until the
// comments are on the screen (enhancements.ts).
// Next: thread-view.ts is the thread, api-types.ts its data.
import { part } from "./parts";
import { moved } from "./thread/navigation";
import { ThreadView } from "./thread/thread-view";
import type { Host, Place } from "./types";
import { Words, type Locale } from "./i18n/messages";

export async function mount(host: Host, place: Place, answer: Promise<Response>, gone: AbortSignal): Promise<void> {
  const locale = await place.words;
  const root = host.get("render") === "light" && (await import("./dom/light-dom.js")).lightRoot(host);
  if (host.querySelector("article")) await import("./thread/prerendered.js").then((comments) => comments.hold(host), () => {});
  if (gone.aborted) return;
  const view = new ThreadView(host, place, new Words(locale && locale.tag ? (locale as Locale) : undefined, (key) => host.get("t-" + key)), gone, root || host.shadowRoot || host.attachShadow({ mode: "open" }), part);
  // A router has changed the address: what the loader found in the page may be of the article before.
  view.load(moved(place.first) ? import("./thread/address.js").then(({ settle }) => (settle(host, place) ? view.api.read(answer) : view.api.thread(place.sort))) : view.api.read(answer));
}

export { now, tick } from "./dom/clock";
export { nameOf } from "./thread/author";
export { refresh } from "./thread/comment";
export { around, el, icon } from "./dom/element";
export { meanings, Problem } from "./api/errors";
export { notify, recount } from "./thread/layout";
export { secret } from "./storage/reader-storage";
export { moved } from "./thread/navigation";
export { add, drawList, takeOut } from "./thread/list";
export { closeForm, draftName, toggleReply } from "./thread/comment-form";
export { rest } from "./dom/yield";
export { growAll } from "./thread/safe-tree";
