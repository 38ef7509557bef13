// The reading half of the widget: what the loader calls, and what composer.ts and later.ts share with it.
// Must never grow by what only writers need (that belongs in composer.ts), nor by what can wait until the
// comments are on the screen (later.ts).
// Next: view.ts is the thread, wire.ts its data.
import { moved } from "./moved";
import { View, type Host, type Place } from "./view";
import { Words, type Locale } from "./words";

export async function mount(host: Host, place: Place, answer: Promise<Response>, gone: AbortSignal): Promise<void> {
  const locale = await place.words;
  const root = host.get("render") === "light" && (await import("./light.js")).lightRoot(host);
  if (host.querySelector("article")) await import("./fallback.js").then((comments) => comments.hold(host), () => {});
  if (gone.aborted) return;
  const view = new View(host, place, new Words(locale && locale.tag ? (locale as Locale) : undefined, (key) => host.get("t-" + key)), gone, root || host.shadowRoot || host.attachShadow({ mode: "open" }));
  // A router has changed the address: what the loader found in the page may be of the article before.
  view.load(moved(place.first) ? import("./address.js").then(({ settle }) => (settle(host, place) ? view.api.read(answer) : view.api.thread(place.sort))) : view.api.read(answer));
}

export { now, tick } from "./clock";
export { refresh, nameOf } from "./comment";
export { around, el, icon } from "./element";
export { meanings, Problem } from "./errors";
export { notify, recount } from "./frame";
export { secret } from "./keep";
export { moved } from "./moved";
export { add, drawList, takeOut } from "./list";
export { closeForm, draftName, toggleReply } from "./prompt";
export { rest } from "./rest";
export { growAll } from "./tree";
export type { Form } from "./prompt";
export type { Item, View } from "./view";
