// Yields to the browser between slices of long work, so that it can take input and paint.
// Must never be needed for what has to happen in the same moment: other work may come in between.
// Next: list.ts draws in slices, votes.ts waits out a page that goes.

/**
 * After the next frame, which a tab has when somebody looks at it: what was drawn so far is laid out by itself, not in
 * one piece with what follows.
 */
export const nextFrame = (): Promise<void> => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
