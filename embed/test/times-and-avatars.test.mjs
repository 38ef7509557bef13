// Relative times and avatars. Next: ../src/dom/clock.ts, ../src/thread/avatar.ts
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./load.mjs";

const { relativeTime } = await load("dom/clock");
const { hueOf, initialOf } = await load("thread/avatar");
const { Messages } = await load("i18n/messages");
const messages = new Messages();
const times = JSON.parse(readFileSync(new URL("../i18n/times.json", import.meta.url), "utf8"));

test("relative times use the largest unit that fits", () => {
  const now = Date.UTC(2026, 5, 20);
  const minute = 60_000;
  assert.equal(relativeTime(now + 5 * minute, now, messages), "now");
  assert.equal(relativeTime(now - 59_000, now, messages), "now");
  assert.equal(relativeTime(now - 61_000, now, messages), "1 minute ago");
  assert.equal(relativeTime(now - 3.5 * 60 * minute, now, messages), "3 hours ago");
  assert.equal(relativeTime(now - 25 * 60 * minute, now, messages), "yesterday");
  assert.match(relativeTime(now - 40 * 24 * 60 * minute, now, messages), /2026$/);
});

/** The differences from Intl's output, over two months. */
function differences(tag, said) {
  const own = new Messages({ tag, times: said });
  const spans = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  const days = new Intl.DateTimeFormat(tag, { dateStyle: "medium" });
  const now = Date.UTC(2026, 10, 25, 12);
  const found = [];
  // Some engines replace the narrow space before a year's abbreviation by an ordinary one.
  const plain = (text) => text.replace(/\s/g, " ");
  const compare = (at, wanted) => {
    const text = plain(relativeTime(at, now, own));
    if (text !== plain(wanted)) found.push(`${text} instead of ${wanted}`);
  };
  compare(now, spans.format(0, "second"));
  for (let n = 1; n < 60; n++) compare(now - n * 60_000, spans.format(-n, "minute"));
  for (let n = 1; n < 24; n++) compare(now - n * 3_600_000, spans.format(-n, "hour"));
  for (let n = 1; n < 31; n++) compare(now - n * 86_400_000, spans.format(-n, "day"));
  const numbers = new Intl.NumberFormat(tag);
  for (const n of [0, 7, 999, 1_000, 1_234, 9_999, 10_000, 123_456, 1_234_567]) {
    const [text, wanted] = [own.formatNumber(n), numbers.format(n)].map(plain);
    if (text !== wanted) found.push(`${text} instead of ${wanted}`);
  }
  for (let n = 31; n < 400; n++) compare(now - n * 86_400_000, days.format(now - n * 86_400_000));
  return found;
}

const { cldr, ...languages } = times;

test("every language formats times and numbers as Intl does", () => {
  assert.ok(Object.keys(languages).length > 20);
  for (const [tag, said] of Object.entries(languages)) {
    const text = JSON.stringify(said);
    assert.ok(said.length >= 4 && text.includes("#") && (tag === "fa" || text.includes("{y}")), tag);
    // Another edition of the locale data may differ; ours is as good. Run `npm run times` to update.
    if (cldr === process.versions.cldr) assert.deepEqual(differences(tag, said), [], tag);
    else
      for (let n = 1; n < 60; n++)
        assert.match(new Messages({ tag, times: said }).relative(n, 1), /\S/, `${tag}: ${n}`);
  }
});

test("control: a wrong word is found", () => {
  assert.match(differences("en", ["nun", ...languages.en.slice(1)]).join(), /^nun instead of now$/);
  assert.match(differences("de", languages.en).join(), /1,234 instead of 1\.234/);
});

test("an avatar is the same for the same author and different for others", () => {
  assert.equal(hueOf("k3J9vQ"), hueOf("k3J9vQ"));
  const hues = Array.from({ length: 24 }, (_, i) => hueOf("seed" + i));
  assert.ok(hues.every((one) => one >= 0 && one < 360));
  assert.ok(new Set(hues.map((one) => Math.floor(one / 45))).size >= 6);
  assert.equal(initialOf(" ann"), "A");
  assert.equal(initialOf("👩‍👩‍👧 family"), "👩‍👩‍👧");
  assert.equal(initialOf("👍🏽 up"), "👍🏽");
  assert.equal(initialOf("🇺🇦🇩🇪"), "🇺🇦");
  assert.equal(initialOf("x\u0323y"), "X\u0323");
  assert.equal(initialOf(""), "·");
});
