// Every catalogue has every message of the English one, in the plural forms of its language.
// Each rule first fails on a broken copy. Next: ../i18n/README.md
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../i18n/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const english = read("en.json");
const catalogues = readdirSync(folder)
  .filter((name) => name.endsWith(".json") && name !== "times.json")
  .map((name) => [name.slice(0, -5), read(name)]);

const wanted = "en de fr es pt-BR it nl pl ru uk cs tr ja ko zh-Hans zh-Hant ar fa he vi id sv".split(" ");

const placeholders = (phrase) => (phrase.match(/\{\w+\}/g) || []).sort().join();
const forms = (phrase) => (typeof phrase === "string" ? { other: phrase } : phrase);

/** The faults of a catalogue, as sentences. */
function faults(tag, catalogue) {
  const found = [];
  try {
    if (Intl.getCanonicalLocales(tag)[0] !== tag) found.push(`the tag ${tag} is not canonical`);
  } catch {
    found.push(`${tag} is no language`);
    return found;
  }
  if (Object.keys(catalogue).join() !== Object.keys(english).join())
    found.push("its keys are not those of English, or in another order");
  const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
  for (const [key, phrase] of Object.entries(english)) {
    const own = catalogue[key];
    if (typeof own !== typeof phrase) {
      found.push(`${key} counts in one of them only`);
      continue;
    }
    if (typeof phrase !== "string") {
      const due = new Set([...categories, ...(phrase.zero ? ["zero"] : [])]);
      const lacks = [...due].filter((category) => !(category in own));
      const more = Object.keys(own).filter((category) => !due.has(category));
      if (lacks.length || more.length) found.push(`${key} lacks ${lacks} and has ${more} for nothing`);
    }
    for (const [category, text] of Object.entries(forms(own))) {
      const model = placeholders(forms(phrase)[category] ?? forms(phrase).other);
      const full = placeholders(forms(phrase).other);
      // Where a form is for one number only, the number may be a word or a figure.
      const either = ["zero", "one", "two"].includes(category)
        ? [model, full, full.replace(/\{count\},?/, "")]
        : [full];
      if (!either.includes(placeholders(text)))
        found.push(`${key}.${category} fills in ${placeholders(text)} instead of ${full}`);
      if (text !== text.trim() || /\s\s|[<&]/.test(text) || !text)
        found.push(`${key}.${category} is not plain text: “${text}”`);
    }
  }
  // Users of voice control say what they see: it must be in the name of the button (WCAG 2.2, 2.5.3).
  if (catalogue.reply && !catalogue.reply_to?.toLowerCase().includes(catalogue.reply.toLowerCase()))
    found.push(`reply_to does not say “${catalogue.reply}”`);
  return found;
}

test("control: every rule finds its fault", () => {
  const spoil = (change) => {
    const copy = structuredClone(english);
    change(copy);
    return faults("en", copy);
  };
  assert.deepEqual(faults("en", english), []);
  assert.equal(spoil((copy) => delete copy.retry).length > 0, true);
  assert.match(spoil((copy) => (copy.reply_to = "Reply"))[0], /reply_to/);
  assert.match(spoil((copy) => (copy.reply_to = "Reply to {nmae}"))[0], /nmae/);
  assert.match(spoil((copy) => (copy.reply = "Answer"))[0], /does not say “Answer”/);
  assert.match(spoil((copy) => delete copy.more_done.one)[0], /lacks one/);
  assert.match(spoil((copy) => (copy.more_done.few = "{count}"))[0], /few for nothing/);
  assert.match(spoil((copy) => (copy.more_done.other = "many"))[0], /more_done.other/);
  assert.match(spoil((copy) => (copy.edit = "<b>Edit</b>"))[0], /plain text/);
  assert.match(spoil((copy) => (copy.edit = "Edit "))[0], /plain text/);
  assert.match(spoil((copy) => (copy.edit = { other: "Edit" }))[0], /edit counts/);
  assert.match(faults("en_US", english)[0], /no language/);
  assert.match(faults("EN", english)[0], /not canonical/);
  assert.match(faults("ru", english).join(), /lacks few/);
});

test("every promised language has a catalogue", () => {
  assert.deepEqual(catalogues.map(([tag]) => tag).sort(), [...wanted].sort());
});

for (const [tag, catalogue] of catalogues) {
  test(`${tag} is complete`, () => assert.deepEqual(faults(tag, catalogue), []));
}

test("no other catalogue is left in English", () => {
  for (const [tag, catalogue] of catalogues) {
    if (tag === "en") continue;
    const same = Object.keys(english).filter((key) => JSON.stringify(catalogue[key]) === JSON.stringify(english[key]));
    assert.ok(same.length <= 6, `${tag} leaves ${same} untranslated`);
  }
});

test("the widget has at most 72 messages", () => {
  const phrases = Object.keys(english).filter((key) => !key.startsWith("page."));
  assert.ok(phrases.length > 40 && phrases.length <= 72, String(phrases.length));
});
