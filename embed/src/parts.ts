// Loads the parts of the program that not every reader needs; each is a file of its own in dist/.
// Must never be imported by a file of such a part: a part gets what it needs from the view.
// Next: core.ts passes it to the view, thread/thread-view.ts; build.mjs builds the files.
import type { Parts } from "./types";

type Fitting<Modules extends Parts> = Modules;
/** The module of each part, for the type checker. */
export type Modules = Fitting<{
  composer: typeof import("./composer");
  enhancements: typeof import("./enhancements");
  permalink: typeof import("./thread/permalink");
  diagnostics: typeof import("./thread/diagnostics");
}>;

export const part = <Name extends keyof Parts>(name: Name): Promise<Parts[Name]> => {
  // In a variable, so that the bundler leaves the import to the browser.
  const file = `./${name}.js`;
  return import(file);
};
