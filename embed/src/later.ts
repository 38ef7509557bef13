// What can wait until the comments are on the screen; loaded once they are.
// Must never be needed for reading, and never move what somebody is reading.
// Next: route.ts follows pages that change their address without loading anew.
import type { View } from "./core.js";
import { followRoutes } from "./route";
import { later } from "./waiting";

/** Called once for each thread, after its first comments were drawn. */
export function begin(view: View): void {
  view.words.learn(later, view.words.locale.later);
  followRoutes(view);
}
