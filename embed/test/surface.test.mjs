// The public interface: README.md, afterword.d.ts and the sources name the same attributes, events, parts and
// properties.
// Removing a name breaks owners' pages and needs a major version. Next: ../README.md
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const here = new URL("..", import.meta.url);
const read = (name) => readFileSync(new URL(name, here), "utf8");
const readme = read("README.md");
const types = read("afterword.d.ts");
const all = readdirSync(new URL("src/", here), { recursive: true });
/** The thread's own sources; the files in compat/ use other systems' names. */
const sources = all
  .filter((name) => /\.ts$/.test(name) && !/\.d\.ts$|^(compat|count|recent)/.test(name))
  .map((name) => read(`src/${name}`))
  .join("\n");
const styles = all
  .filter((name) => name.endsWith(".css"))
  .map((name) => read(`src/${name}`))
  .join("\n");

const found = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((one) => one[1]))].sort();
/** The section of the document under a heading. */
function section(title) {
  const [, after] = readme.split(`\n## ${title}\n`);
  assert.ok(after, `README.md has no part called ${title}`);
  return after.split("\n## ")[0];
}
const rows = (title, pattern = /^\| `([\w:-]+)`/gm) => found(section(title), pattern);

test("README, types and sources name the same attributes", () => {
  const documented = rows("Attributes");
  const read = found(sources, /(?<!headers\.)\bget\("([\w-]+)"\)/g).filter((name) => name !== "t-");
  assert.ok(read.includes("site") && read.length > 7);
  assert.deepEqual(documented, read);
  const typed = found(
    types.split("interface AfterwordThreadAttributes {")[1].split("\n}")[0],
    /^ {2}"?([\w-]+)"?\?:/gm,
  );
  assert.deepEqual(documented, typed);
});

test("README, types and sources name the same events and details", () => {
  const documented = rows("Events");
  const fired = found(sources, /\bdispatch\("([\w-]+)"/g).map((name) => `afterword:${name}`);
  assert.ok(fired.length > 5);
  assert.deepEqual(documented, fired);
  assert.deepEqual(documented, found(types, /^ {2}"(afterword:[\w-]+)":/gm));
  const actions = found(types.split("  action:")[1].split(";")[0], /"([\w-]+)"/g);
  assert.deepEqual(found(section("Events").split("`action` is")[1].split("; `code`")[0], /`([\w-]+)`/g), actions);
});

test("README, types and sources name the same methods", () => {
  const documented = rows("Methods", /^\| `(\w+)\(/gm);
  assert.ok(documented.includes("load"));
  assert.deepEqual(
    documented,
    found(types.split("interface AfterwordThreadElement")[1].split("\n}")[0], /^ {2}(\w+)\??\(/gm),
  );
  for (const name of documented)
    assert.match(sources, new RegExp(`host\\.${name} =|^ +(async )?${name}\\(`, "m"), name);
});

test("README and sources name the same parts", () => {
  const documented = found(section("Parts").split("A reply is")[0], /`([\w-]+)`/g).filter(
    (name) => name !== "afterword-thread",
  );
  const literals = [
    ...sources.matchAll(/\bpart: "([\w -]+)"/g),
    ...[...sources.matchAll(/\.part =([^;]+);/g)].flatMap(([, value]) => [...value.matchAll(/"([\w ]+)"/g)]),
  ];
  const used = [...new Set(literals.flatMap(([, names]) => names.trim().split(" ")))].sort();
  assert.ok(used.includes("comment") && used.length > 20);
  const known = new Set(documented);
  assert.deepEqual(
    used.filter((name) => !known.has(name)),
    [],
    "parts that README.md does not name",
  );
  for (const name of documented)
    assert.match(sources, new RegExp(`["'\` ]${name}["'\` ]`), `nothing is the part ${name}`);
});

test("README and style sheets name the same custom properties", () => {
  const documented = rows("Colours and measures");
  assert.ok(documented.length > 8);
  assert.deepEqual(documented, found(styles, /var\((--afterword-[\w-]+)/g));
});

/** The names in an interface of afterword.d.ts. */
const typed = (name) =>
  found(types.split(new RegExp(`interface ${name} [^{]*\\{`))[1].split("\n}")[0], /^ {2}"?([\w-]+)"?\??[:(]/gm);

test("README and sources agree on counts and recent comments", () => {
  const text = section("Counts and the newest comments");
  const [counts, newest] = [text.split("<afterword-recent")[0], text.split("<afterword-recent")[1]];
  const named = (part) => found(part, /`([\w-]+)`/g);

  const categories = new Intl.PluralRules("ar").resolvedOptions().pluralCategories;
  const count = typed("AfterwordCountAttributes");
  assert.deepEqual(count, [...categories, "page-id", "page-url"].sort());
  for (const name of count)
    assert.ok(named(counts).includes(name), `README.md does not name ${name} of <afterword-count>`);
  const source = read("src/count/element.ts");
  for (const name of ["page-id", "page-url"]) assert.match(source, new RegExp(`get\\(element, "${name}"`), name);

  const recent = found(read("src/recent/element.ts").split("observedAttributes = [")[1].split("]")[0], /"([\w-]+)"/g);
  assert.deepEqual(typed("AfterwordRecentAttributes"), recent);
  for (const name of [...recent, ...found(read("src/recent/list.ts"), /\bpart: "(\w+)"/g)])
    assert.ok(named(newest).includes(name), `README.md does not name ${name} of <afterword-recent>`);
  for (const name of typed("AfterwordRecentElement"))
    assert.match(read("src/recent/element.ts"), new RegExp(`async ${name}\\(`), name);
});
