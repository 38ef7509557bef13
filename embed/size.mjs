// Prints the size of each built file, and fails when one exceeds its budget.
// Must never be loosened to let a change in: save the bytes, or move the feature to a part that loads later.
// Next: build.mjs builds the files.
import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("dist/", import.meta.url);
const chunk = 8192;
const locale = 1024;
const budgets = { "embed.js": 1024, "core.js": 10240, "count.js": 819, "recent.js": 2048 };
const budget = (name) => budgets[name] ?? (name.startsWith("i18n/") ? locale : chunk);
const names = readdirSync(dist, { recursive: true }).filter((name) => /\.m?js$/.test(name));
let over = false;
console.log("file                               raw    gzip  brotli  budget");
for (const name of names.sort()) {
  const raw = readFileSync(new URL(name, dist));
  const gzip = gzipSync(raw, { level: 9 }).length;
  const brotli = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  }).length;
  const late = brotli > budget(name);
  over ||= late;
  console.log(
    [name.padEnd(32), ...[raw.length, gzip, brotli, budget(name)].map((n) => String(n).padStart(6))].join("  ") +
      (late ? "  too heavy" : ""),
  );
}
if (over) process.exit(1);
