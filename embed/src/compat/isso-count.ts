// Replaces Isso's count script, at the same address: /js/count.min.js.
// Must never mount a thread.
// Next: isso-counts.ts.
import { base } from "./isso-server";
import { fillCounts } from "./isso-counts";
import { onDomReady } from "./dom-ready";

onDomReady(() => fillCounts(base));
