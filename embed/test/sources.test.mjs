// Rules for the sources and the built files, checked on the files themselves; each check proves that it can fail.
// Next: ../README.md says why hosts depend on them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { files, placeholder } from "../build.mjs";

const src = new URL("../src/", import.meta.url);
const sources = readdirSync(src, { recursive: true })
  .filter((name) => /\.(ts|css)$/.test(name))
  .map((name) => [name, readFileSync(new URL(name, src), "utf8")]);
const built = await files();

/** Everything that Trusted Types or a strict style-src refuses, or that parses a text as markup. */
const sinks =
  /innerHTML|outerHTML|insertAdjacentHTML|DOMParser|parseFromString|parseHTMLUnsafe|createContextualFragment|srcdoc|document\.write|setHTML|\beval\b|new Function|cssText\s*=|createElement\(\s*["'`]s(cript|tyle)|setAttribute\(\s*["'`](style|on)/;
const uncommented = (text) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

test("nothing is parsed as HTML, and no inline style is set as text", () => {
  for (const control of [
    "a.innerHTML = b",
    "x.setAttribute('style', y)",
    "new DOMParser()",
    "el.insertAdjacentHTML('x', y)",
    "document.createElement('script')",
  ]) {
    assert.match(control, sinks);
  }
  for (const [name, text] of sources) assert.doesNotMatch(uncommented(text), sinks, name);
  for (const [name, text] of Object.entries(built)) assert.doesNotMatch(text, sinks, name);
});

test("requests are made in api/client.ts, and the first one in loader.ts; counts, recent comments, live events, custom-css and diagnostics have one each", () => {
  const reach = /\bfetch\(|XMLHttpRequest|sendBeacon|EventSource|WebSocket|new Image|document\.cookie|sessionStorage/;
  assert.match("await fetch(x)", reach);
  const found = sources.filter(([, text]) => reach.test(uncommented(text))).map(([name]) => name);
  assert.deepEqual(found.sort(), [
    "api/client.ts",
    "count/fetch.ts",
    "enhance/live.ts",
    "enhance/theme.ts",
    "loader.ts",
    "recent/element.ts",
    "thread/diagnostics.ts",
  ]);
});

test("style sheets use logical sides, except for code, which is always left to right", () => {
  const sides = /(margin|padding|border|inset)-(left|right)|(?<![\w-])(left|right|width|height):|float:/;
  assert.match("margin-left: 1px", sides);
  for (const [name, text] of sources) if (name.endsWith(".css")) assert.doesNotMatch(text, sides, name);
});

test("every module states its purpose, its invariant and the next file to read, and stays short", () => {
  for (const [name, text] of sources) {
    assert.ok(text.split("\n").length <= 400, name);
    if (name.endsWith(".d.ts")) continue;
    assert.match(text, /^(\/\/|\/\*) .+\n[\s\S]{0,200}Must never [\s\S]{5,200}?Next: /, name);
  }
});

test("dist/ matches the sources, and the loader has the placeholder once", () => {
  for (const [name, text] of Object.entries(built)) {
    assert.equal(
      readFileSync(new URL(`../dist/${name}`, import.meta.url), "utf8"),
      text,
      `dist/${name} is stale: npm run build`,
    );
  }
  assert.equal(built["embed.js"].split(placeholder).length, 2);
});

test("parts import only what core.js exports, by one import, and every part that is imported by name exists", () => {
  const names = (list) => list.split(",").map((one) => one.split(" as ").at(-1));
  const [, exported] = built["core.js"].match(/export\{([^}]+)\};?\s*$/);
  const given = names(exported);
  assert.ok(given.includes("mount") && given.length > 15);
  for (const part of ["composer", "enhancements", "permalink", "diagnostics"]) {
    const imports = [...built[`${part}.js`].matchAll(/import\{([^}]+)\}from"\.\/core\.js"/g)];
    assert.equal(imports.length, 1, part);
    for (const one of imports[0][1].split(",")) assert.ok(given.includes(one.split(" as ")[0]), `${part}.js: ${one}`);
    assert.match(built["core.js"], new RegExp(`"${part}"`));
  }
});
