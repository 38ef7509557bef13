// No source needs another that needs it: a file can be read, tested and moved with what lies below it alone.
// Imports of types and of lazy parts count like any other. Next: ../src/types.ts has what files know of each other.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import ts from "typescript";

/** By file, the files that it imports: `import`, `import type`, `export … from`, `import()` and `typeof import()`. */
function imports(sources) {
  const found = {};
  for (const [name, text] of Object.entries(sources)) {
    found[name] = ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) => posix.join(posix.dirname(name), fileName).replace(/\.js$/, ""))
      .map((path) => [path, `${path}.ts`].find((file) => file in sources))
      .filter(Boolean);
  }
  return found;
}

/** Each circle as the names of its files, in order. */
function circles(graph) {
  const found = [];
  const done = new Set();
  const visit = (name, path) => {
    const at = path.indexOf(name);
    if (at >= 0) return void found.push([...path.slice(at), name].join(" → "));
    if (done.has(name)) return;
    for (const next of graph[name]) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of Object.keys(graph)) visit(name, []);
  return found;
}

const src = new URL("../src/", import.meta.url);
const sources = Object.fromEntries(
  readdirSync(src, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(new URL(name, src), "utf8")]),
);

test("control: circles by values, by types and by lazy parts are found, and a tree has none", () => {
  const other = (text) => circles(imports({ "a.ts": 'import { b } from "./room/b";', "room/b.ts": text }));
  for (const text of [
    'import { a } from "../a";',
    'import type { A } from "../a";',
    'import { type A } from "../a";',
    'export { a } from "../a";',
    'export const a = () => import("../a.js");',
    'export type A = typeof import("../a");',
  ]) {
    assert.deepEqual(other(text), ["a.ts → room/b.ts → a.ts"], text);
  }
  assert.deepEqual(other('import { c } from "./c";'), []);
});

test("no source imports one that imports it, itself or by way of others", () => {
  const graph = imports(sources);
  assert.ok(Object.keys(graph).length > 50);
  assert.deepEqual(graph["thread/comment.ts"].includes("types.ts"), true);
  assert.deepEqual(circles(graph), []);
});

/**
 * From the lowest: a file of a room imports from its own and from those before it. What lies at the top is the last,
 * but for types.
 */
const rooms = ["i18n", "dom", "storage", "api", "types.ts", "thread", "compose", "enhance", "count", "recent"];
/** Where a file reaches up. */
function upwards(graph) {
  const room = (name) => (rooms.includes(name) ? name : name.includes("/") ? name.split("/")[0] : "");
  const floor = (name) => (rooms.includes(room(name)) ? rooms.indexOf(room(name)) : rooms.length);
  return Object.entries(graph).flatMap(([name, used]) =>
    used.filter((other) => floor(other) > floor(name)).map((other) => `${name} → ${other}`),
  );
}

test("rooms import from rooms below them", () => {
  assert.deepEqual(upwards({ "api/client.ts": ["thread/list.ts"], "thread/list.ts": ["api/client.ts", "types.ts"] }), [
    "api/client.ts → thread/list.ts",
  ]);
  assert.deepEqual(upwards(imports(sources)), []);
});

test("every import from a file of the widget leads to one", () => {
  for (const [name, text] of Object.entries(sources)) {
    const own = ts.preProcessFile(text).importedFiles.filter(({ fileName }) => /^\.(?!.*\.(css|json)$)/.test(fileName));
    assert.equal(imports({ ...sources })[name].length, own.length, name);
  }
});
