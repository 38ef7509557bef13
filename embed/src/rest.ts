// Gives the browser its turn in the middle of long work: to paint, to take input, or to go.
// Must never be needed for what has to happen in the same moment: other work may come in between.
// Next: list.ts draws in slices, votes.ts waits out a page that goes.
export const rest = (): Promise<void> => new Promise((go) => setTimeout(go));
