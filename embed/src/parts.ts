// Loads the parts of the program that not every reader needs; each is a file of its own in dist/.
// Must never be imported by a file of such a part: what a part needs comes with the view.
// Next: core.ts gives it to the view, thread/thread-view.ts; build.mjs makes the files.
import type { Parts } from "./types";

type Fitting<Modules extends Parts> = Modules;
/** The modules behind the names, as the compiler checks them. */
export type Modules = Fitting<{
  composer: typeof import("./composer");
  enhancements: typeof import("./enhancements");
  permalink: typeof import("./thread/permalink");
  diagnostics: typeof import("./thread/diagnostics");
}>;

export const part = <Name extends keyof Parts>(name: Name): Promise<Parts[Name]> => {
  // In a variable, so that the bundler leaves it to the browser.
  const file = `./${name}.js`;
  return import(file);
};
