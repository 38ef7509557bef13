// Messages: plural forms, placeholders, the size of the catalogue, and a message for every error code. Next:
// ../src/i18n/messages.ts
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./load.mjs";

const { canonicalLanguage, fillPlaceholders, Messages, selectPlural } = await load("i18n/messages");
const { errorMessage, errorMessages, Problem } = await load("api/errors");
const { serverWorded, writerErrors } = await load("compose/writer-errors");
const times = JSON.parse(readFileSync(new URL("../i18n/times.json", import.meta.url), "utf8"));
const english = JSON.parse(readFileSync(new URL("../i18n/en.json", import.meta.url)));

test("the heading has the plural form of its count", () => {
  const messages = new Messages();
  assert.equal(messages.count("plain", 0), "Be the first to share a thought");
  assert.equal(messages.count("heading", 1, { title: "On tea" }), "One thought on “On tea”");
  assert.equal(messages.count("heading", 59, { title: "On tea" }), "59 thoughts on “On tea”");
  assert.equal(messages.count("heading", 1234, { title: "T" }), "1,234 thoughts on “T”");
});

test("an owner's wording follows the plural rules of the page's language", () => {
  const polish = { zero: "brak", one: "jedna", few: "kilka", many: "wiele", other: "inne" };
  assert.deepEqual(
    [0, 1, 3, 7, 1.5].map((n) => selectPlural((category) => polish[category], n, "pl")),
    ["brak", "jedna", "kilka", "wiele", "inne"],
  );
  assert.equal(
    selectPlural((category) => ({ other: "{count} x" })[category], 1, "en"),
    "{count} x",
  );
});

test("values are inserted once and never read as patterns", () => {
  assert.equal(fillPlaceholders("{a} and {b}", { a: "{b}", b: "$&" }), "{b} and $&");
  assert.equal(fillPlaceholders("{unknown}", {}), "{unknown}");
});

test("a language's messages follow the order of the English ones; missing ones stay English", () => {
  const messages = new Messages({ tag: "de", times: times.de });
  const english = { "": "edition", a: "an a", b: { one: "one b", other: "{count} bs" }, c: "a c" };
  messages.addCatalogue(english, ["another", "ein c", 0, "ein a"]);
  assert.equal(messages.say("a"), "an a", "words of another build are not taken");
  messages.addCatalogue(english, ["edition", "ein a", { one: "ein b", other: "{count} be" }, 0]);
  assert.deepEqual(
    [messages.say("a"), messages.count("b", 1), messages.count("b", 1234), messages.say("c")],
    ["ein a", "ein b", "1.234 be", "a c"],
  );
  assert.equal(messages.direction, "ltr");
  assert.equal(new Messages({ tag: "ar", times: times.ar }).direction, "rtl");
});

test("an unknown language tag falls back to English", () => {
  assert.equal(canonicalLanguage("de-at"), "de-AT");
  for (const odd of ["", null, undefined, "not a tag!"]) assert.equal(canonicalLanguage(odd), "en");
});

test("the catalogue stays small enough to be loaded with the page", () => {
  assert.ok(Object.keys(english).filter((key) => !key.startsWith("page.")).length <= 72);
});

test("every error code of the API has a message, or is listed as explained by the server's sentence", () => {
  const api = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
  const documented = [...api.matchAll(/^\| \d{3} \| `(\w+)`/gm)].map((row) => row[1]);
  const known = [...errorMessages, ...writerErrors]
    .flatMap(([, codes]) => codes.split(" "))
    .concat(serverWorded.split(" "), "network");
  assert.ok(documented.length > 30);
  assert.deepEqual(
    documented.filter((code) => !known.includes(code)),
    [],
  );
  assert.deepEqual(
    known.filter((code) => code !== "network" && !documented.includes(code)),
    [],
  );
  for (const [word] of [...errorMessages, ...writerErrors]) assert.ok(english[word], word);
});

test("a code without a message shows the server's sentence, and without one a general message", () => {
  const messages = new Messages();
  assert.equal(errorMessage(new Problem("of_tomorrow", "Said by the server."), messages), "Said by the server.");
  assert.equal(errorMessage(new Problem("of_tomorrow", ""), messages), english["e.internal"]);
  assert.equal(
    errorMessage(new Problem("site_not_found", "No site."), messages),
    "Comments are not set up for this page.",
  );
});
