// What is stored in the reader's browser: drafts, secrets, votes, tokens; with storage, without, and with a full one.
// Next: ../src/storage/reader-storage.ts and ../src/storage/drafts.ts
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { load } from "./load.mjs";

const { ReaderStorage, randomToken } = await load("storage/reader-storage");
const { loadDraft, removeExpiredDrafts, saveDraft } = await load("storage/drafts");
const day = 86_400_000;

const newStorage = () => new Window().localStorage;
const forbidden = () => {
  throw new Error("SecurityError");
};
const full = () =>
  new Proxy(newStorage(), {
    get: (all, name) => (name === "setItem" ? forbidden : (all[name]?.bind?.(all) ?? all[name])),
  });

test("secrets have 128 bits in the alphabet that the API accepts", () => {
  const made = new Set(Array.from({ length: 200 }, randomToken));
  assert.equal(made.size, 200);
  for (const one of made) assert.match(one, /^[A-Za-z0-9_-]{22}$/);
});

for (const [name, storage] of [
  [
    "ordinary",
    (() => {
      const one = newStorage();
      return () => one;
    })(),
  ],
  ["forbidden", forbidden],
  ["full", full],
]) {
  test(`with ${name} storage, stored values last for the visit`, () => {
    const store = new ReaderStorage("p:", storage);
    assert.equal(store.readerSecret(), store.readerSecret());
    store.setVote(7, 1);
    store.setVote(8, -1);
    store.setVote(7, 0);
    assert.deepEqual(store.votes(), { 8: -1 });
    store.addOwnComment({ id: 1, token: "a", page: "x", until: 5 });
    store.addOwnComment({ id: 1, token: "b", page: "x", until: 6 });
    assert.deepEqual(
      store.ownComments().map((one) => one.token),
      ["b"],
    );
    store.removeOwnComments([1]);
    assert.deepEqual(store.ownComments(), []);
    saveDraft(store, "draft:x:0", "text", "key");
    assert.deepEqual(store.keys("draft:"), ["draft:x:0"]);
    assert.equal(loadDraft(store, "draft:x:0").text, "text");
  });
}

test("two sites on one page have separate storage", () => {
  const one = newStorage();
  const [a, b] = [new ReaderStorage("a:", () => one), new ReaderStorage("b:", () => one)];
  a.set("sort", "best");
  assert.equal(b.get("sort"), null);
  assert.deepEqual(b.keys(""), []);
});

test("corrupt storage reads as empty", () => {
  const one = newStorage();
  one.setItem("p:mine", "{half");
  assert.deepEqual(new ReaderStorage("p:", () => one).ownComments(), []);
});

test("a draft keeps its key, expires after 30 days, and is removed with its text", () => {
  const one = newStorage();
  const store = new ReaderStorage("p:", () => one);
  saveDraft(store, "draft:x:0", "half a thought", "k1", 1000);
  assert.deepEqual(loadDraft(store, "draft:x:0", 1000 + 29 * day), { text: "half a thought", key: "k1", at: 1000 });
  assert.equal(loadDraft(store, "draft:x:0", 1000 + 31 * day), null);
  assert.equal(one.length, 0);
  saveDraft(store, "draft:x:0", "again", "k2", 1000);
  saveDraft(store, "draft:x:0", "  \n", "k2", 1000);
  assert.equal(loadDraft(store, "draft:x:0", 1000), null);
});

test("expired drafts of any page are removed, others stay", () => {
  const one = newStorage();
  const store = new ReaderStorage("p:", () => one);
  saveDraft(store, "draft:old:0", "a", "k", 0);
  saveDraft(store, "draft:new:5", "b", "k", 20 * day);
  store.set("person", { name: "Ann" });
  removeExpiredDrafts(store, 40 * day);
  assert.deepEqual(Array.from({ length: one.length }, (_, n) => one.key(n)).sort(), ["p:draft:new:5", "p:person"]);
});
