// Prints what each built file weighs, and fails when one is heavier than a reader was promised.
// Must never be loosened to let a change in: find the bytes, or move the feature to composer.js.
// Next: build.mjs makes the files.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const budgets = { "embed.js": 1024, "core.js": 10240, "composer.js": 8192 };
let over = false;
console.log("file          raw    gzip  brotli  budget");
for (const [name, budget] of Object.entries(budgets)) {
  const raw = readFileSync(new URL(`dist/${name}`, import.meta.url));
  const gzip = gzipSync(raw, { level: 9 }).length;
  const brotli = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } }).length;
  const late = brotli > budget;
  over ||= late;
  console.log([name.padEnd(11), ...[raw.length, gzip, brotli, budget].map((n) => String(n).padStart(6))].join("  ") + (late ? "  too heavy" : ""));
}
if (over) process.exit(1);
