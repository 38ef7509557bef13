// Yields to the browser between slices of long work, so that it can take input and paint.
// Must never be used where two steps belong together: other work may run in between.
// Next: list.ts draws in slices, votes.ts waits while a page unloads.

/**
 * Resolves after the next frame; a hidden tab has none until it is shown. What is drawn so far is laid out on its own,
 * not in one piece with what follows.
 */
export const nextFrame = (): Promise<void> => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
