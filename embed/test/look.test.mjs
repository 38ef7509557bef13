// Small pure things: times in words, avatars. Next: ../src/clock.ts, ../src/avatar.ts
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { ago, minutesLeft } = await load("clock");
const { hue, initial } = await load("avatar");
const { Words } = await load("words");
const words = new Words();

test("times read as people say them", () => {
  const now = Date.UTC(2026, 5, 20);
  const minute = 60_000;
  assert.equal(ago(now + 5 * minute, now, words), "now");
  assert.equal(ago(now - 59_000, now, words), "now");
  assert.equal(ago(now - 61_000, now, words), "1 minute ago");
  assert.equal(ago(now - 3.5 * 60 * minute, now, words), "3 hours ago");
  assert.equal(ago(now - 25 * 60 * minute, now, words), "yesterday");
  assert.match(ago(now - 40 * 24 * 60 * minute, now, words), /2026$/);
});

test("what is left is never less than nothing", () => {
  assert.equal(minutesLeft(Date.now() + 61_000, words), "2 min");
  assert.equal(minutesLeft(Date.now() - 61_000, words), "0 min");
});

test("an avatar is the same for the same author and different for others", () => {
  assert.equal(hue("k3J9vQ"), hue("k3J9vQ"));
  const hues = Array.from({ length: 24 }, (_, i) => hue("seed" + i));
  assert.ok(hues.every((one) => one >= 0 && one < 360));
  assert.ok(new Set(hues.map((one) => Math.floor(one / 45))).size >= 6);
  assert.equal(initial(" ann"), "A");
  assert.equal(initial("👩‍👩‍👧 family"), "👩‍👩‍👧");
  assert.equal(initial(""), "·");
});
