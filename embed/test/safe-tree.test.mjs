// Defence in depth: a tree renders to allowed elements and attributes only, whatever it contains. Next:
// ../src/thread/safe-tree.ts
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { load } from "./load.mjs";

const { document, Element } = new Window();
Element.prototype.addEventListener = () => {
  throw new Error("a body has no listeners");
};
globalThis.document = document;
const { renderTree } = await load("thread/safe-tree");
const drawn = (...body) => {
  const box = document.createElement("div");
  box.append(...renderTree(body));
  return box.innerHTML;
};

test("a tree from the server renders unchanged", () => {
  assert.equal(drawn(["p", {}, "Loose leaf, ", ["em", {}, "always"], "."]), "<p>Loose leaf, <em>always</em>.</p>");
  assert.equal(drawn(["ol", { start: 3 }, ["li", {}, "x"]]), '<ol start="3"><li>x</li></ol>');
  assert.equal(drawn(["code", { class: "language-c++" }, "x"]), '<code class="language-c++">x</code>');
});

test("links are http, https or mailto, and always have the rel of user content", () => {
  assert.equal(
    drawn(["a", { href: "https://x.example/", rel: "me" }, "x"]),
    '<a href="https://x.example/" rel="ugc nofollow noopener">x</a>',
  );
  for (const href of [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt:x",
    "data:text/html,x",
    "//x.example",
    "vbscript:x",
    "",
    null,
    1,
    ["https://x.example"],
    { toString: null },
  ]) {
    assert.equal(drawn(["a", { href }, "x"]), "<a>x</a>");
  }
});

test("other elements are replaced by their text, other attributes are dropped", () => {
  assert.equal(
    drawn(["script", {}, "alert(1)"], ["iframe", { srcdoc: "x" }], ["svg", {}, ["p", {}, "t"]]),
    "alert(1)<p>t</p>",
  );
  assert.equal(
    drawn(["p", { onclick: "x", style: "y", id: "z", class: "language-x", href: "https://x.example" }, "t"]),
    "<p>t</p>",
  );
  assert.equal(drawn(["code", { class: "vh" }, "t"]), "<code>t</code>");
  assert.equal(drawn(["ol", { start: "1e9" }], ["P", {}, "t"], ["constructor", {}, "u"]), "<ol></ol>tu");
});

test("an invalid tree renders nothing, and depth is limited", () => {
  assert.equal(drawn(null, 7, {}, undefined, [], ["p"], ["p", null, "t"]), "<p></p><p>t</p>");
  let deep = "t";
  for (let i = 0; i < 5000; i++) deep = ["blockquote", {}, deep];
  assert.ok(drawn(deep).length < 2000);
});
