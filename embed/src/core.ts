// The reading half of the widget: what the loader calls, and what composer.ts shares with it.
// Must never grow by what only writers need: that belongs in composer.ts, which is loaded when somebody writes.
// Next: view.ts is the thread, wire.ts its data.
import { View, type Host, type Place } from "./view";

export function mount(host: Host, place: Place, answer: Promise<Response>, gone: AbortSignal): void {
  const view = new View(host, place, gone);
  view.load(view.api.read(answer));
}

export { refresh, nameOf } from "./comment";
export { timeLeft } from "./clock";
export { el } from "./element";
export { meanings, Problem } from "./errors";
export { notify, recount } from "./frame";
export { secret } from "./keep";
export { add, takeOut } from "./list";
export { reveal } from "./permalink";
export { closeForm, draftName } from "./prompt";
export { growAll } from "./tree";
export type { Form } from "./prompt";
export type { Item, View } from "./view";
