// Which page a thread belongs to, and how it is asked for. Next: ../src/page.ts
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { keepPrefix, linkedComment, pageAddress, pageQuery, siteAddress, threadPage } = await load("page");
const here = { origin: "https://blog.example", pathname: "/tea/", search: "?p=1" };

test("the owner's address wins, then an absolute canonical link, then the location without its fragment", () => {
  assert.equal(pageAddress("https://x.example/a", "https://y.example/b", here), "https://x.example/a");
  assert.equal(pageAddress(null, "https://y.example/b", here), "https://y.example/b");
  for (const unusable of ["/relative/", "javascript:alert(1)", "ftp://y.example/", "", null, undefined]) {
    assert.equal(pageAddress(null, unusable, here), "https://blog.example/tea/?p=1");
  }
});

test("parameters stand in one fixed order, and only those that are set", () => {
  assert.equal(pageQuery("https://b.example/ä?x=1&y", null), "?page=https%3A%2F%2Fb.example%2F%C3%A4%3Fx%3D1%26y");
  assert.equal(pageQuery("p", "i d", "best"), "?page=p&page_id=i%20d&sort=best");
});

test("a comment origin may lie below a path", () => {
  assert.equal(siteAddress("https://c.example/sub/", "my blog"), "https://c.example/sub/api/v1/sites/my%20blog/");
  assert.equal(threadPage("https://c.example/sub/", "blog", "?page=p"), "https://c.example/sub/thread/blog?page=p");
  assert.notEqual(keepPrefix("https://c.example/", "a"), keepPrefix("https://c.example/", "b"));
});

test("only #comment-<digits> names a comment", () => {
  assert.equal(linkedComment("#comment-3579612348417"), 3579612348417);
  for (const other of ["", "#comments", "#comment-", "#comment-1a", "#x-comment-1"]) assert.equal(linkedComment(other), 0);
});
