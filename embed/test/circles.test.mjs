// No source imports one that imports it: a file can be read, tested and moved with the files below it alone.
// Type imports and lazy imports count, too. Next: ../src/types.ts has the shared types.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import ts from "typescript";

/** The imports of each file: `import`, `import type`, `export … from`, `import()` and `typeof import()`. */
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

test("no source imports one that imports it, directly or through others", () => {
  const graph = imports(sources);
  assert.ok(Object.keys(graph).length > 50);
  assert.deepEqual(graph["thread/comment.ts"].includes("types.ts"), true);
  assert.deepEqual(circles(graph), []);
});

/**
 * The folders from the lowest: a file imports from its own folder and from those before it. The files at the top come
 * last, except for types.
 */
const rooms = ["i18n", "dom", "storage", "api", "types.ts", "thread", "compose", "enhance", "count", "recent"];
/** The imports from a folder above. */
function upwards(graph) {
  const room = (name) => (rooms.includes(name) ? name : name.includes("/") ? name.split("/")[0] : "");
  const floor = (name) => (rooms.includes(room(name)) ? rooms.indexOf(room(name)) : rooms.length);
  return Object.entries(graph).flatMap(([name, used]) =>
    used.filter((other) => floor(other) > floor(name)).map((other) => `${name} → ${other}`),
  );
}

test("folders import only from folders below them", () => {
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
