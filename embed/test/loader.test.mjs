// What the loader asks for, and when: run as it is built, in a page made of stand-ins. Next: ../src/loader.ts
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { files } from "../build.mjs";

const built = (await files())["embed.js"].replaceAll("import(", "load(");

/** A page with one element; gives what the loader did with it. */
function page({ attributes = {}, script = {}, canonical, at = "https://blog.example/tea/?p=1#top", lang = "en", kept = {}, core = {}, stands = true, base = at } = {}) {
  const asked = [];
  const loaded = [];
  const mounted = [];
  const put = [];
  let defined;
  class HTMLElement {
    getAttribute = (name) => attributes[name] ?? null;
    closest = () => ({ lang });
    append = (node) => put.push(node);
    isConnected = true;
  }
  const currentScript = { after: (node) => put.push(node), closest: () => null, src: "https://c.example/sub/embed.js", dataset: {}, getAttribute: (name) => script[name] ?? null };
  /** As a browser's <a> reads an address: from the page's own, and what is none stays. */
  class Link {
    set href(value) { this.value = URL.canParse(value, base) ? new URL(value, base).href : value; }
    get href() { return this.value; }
    set hash(_) { this.value = this.value.split("#")[0]; }
  }
  const near = [];
  const context = {
    URL, URLSearchParams, AbortController, encodeURIComponent, JSON, CSSStyleSheet: class { replaceSync() {} },
    HTMLElement, location: new URL(at), navigator: { language: "xx" },
    IntersectionObserver: class { constructor(seen) { near.push(() => seen([{ isIntersecting: true }], this)); } observe() {} disconnect() {} },
    customElements: { get: () => defined, define: (_, made) => (defined = made) },
    localStorage: kept,
    addEventListener() {},
    fetch: (url) => (asked.push(url), Promise.resolve()),
    load: (url) => (loaded.push(url), core instanceof Error ? Promise.reject(core) : Promise.resolve({ mount: (...all) => mounted.push(all), follow() {}, ...core })),
    document: {
      currentScript, adoptedStyleSheets: [], head: { contains: () => false }, addEventListener() {},
      scripts: [], createElement: () => new Link(), querySelectorAll: () => [],
      querySelector: (what) => (what.startsWith("[rel") ? canonical && { href: canonical } : stands && {}),
    },
  };
  vm.runInNewContext(built, context);
  return { element: new defined(), asked, loaded, mounted, put, near };
}

const address = (url) => new URL(url).searchParams.get("page");

test("nothing is asked for before the thread is near; then the thread and the program at once", async () => {
  const { element, asked, loaded, near, mounted } = page({ attributes: { site: "blog" } });
  element.connectedCallback();
  assert.deepEqual([asked, loaded], [[], []]);
  near[0]();
  assert.deepEqual(asked, ["https://c.example/sub/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2Ftea%2F%3Fp%3D1"]);
  assert.deepEqual(loaded, ["https://c.example/sub/__AFTERWORD_EMBED__/core.js"]);
  await new Promise((go) => setTimeout(go));
  const [, context] = mounted[0];
  assert.equal(context.link, "https://c.example/sub/thread/blog?page=https%3A%2F%2Fblog.example%2Ftea%2F%3Fp%3D1");
  assert.equal(context.namespace, "afterword:https://c.example/sub/:blog:");
});

test("eager does not wait, manual waits for load(), a link to a comment does not wait", () => {
  const begun = (options) => {
    const one = page(options);
    one.element.connectedCallback();
    return [one.asked.length, one.near.length];
  };
  assert.deepEqual(begun({ attributes: { loading: "eager" } }), [1, 0]);
  assert.deepEqual(begun({ attributes: { loading: "manual" } }), [0, 0]);
  for (const name of ["comment-12", "isso-3", "remark42__comment-0c8b"]) {
    const { element, loaded } = page({ at: `https://b.example/#${name}` });
    element.connectedCallback();
    assert.match(loaded[0], /\/address\.js$/, name);
  }
  assert.deepEqual(begun({ at: "https://b.example/#top" }), [0, 1]);
});

test("an owner's address wins over the canonical link, and that over the location", () => {
  const asks = (options) => {
    const { element, asked } = page(options);
    element.load();
    return asked[0];
  };
  assert.equal(address(asks({ attributes: { "page-url": "https://x.example/a" }, canonical: "https://y.example/b" })), "https://x.example/a");
  assert.equal(address(asks({ canonical: "https://y.example/b" })), "https://y.example/b");
  assert.equal(address(asks({})), "https://blog.example/tea/?p=1");
  // Relative to the page, or to its <base>, and without a fragment; what is no address is the server's to refuse.
  assert.equal(address(asks({ attributes: { "page-url": "/posts/tea/#top" } })), "https://blog.example/posts/tea/");
  assert.equal(address(asks({ attributes: { "page-url": "milk/" } })), "https://blog.example/tea/milk/");
  assert.equal(address(asks({ attributes: { "page-url": "milk/" }, base: "https://www.example/b/" })), "https://www.example/b/milk/");
  assert.equal(address(asks({ attributes: { "page-url": "http://" } })), "http://");
  assert.match(asks({ attributes: { "page-id": "i d" }, script: { "data-site": "s", "data-sort": "best" } }), /sites\/s\/thread\?page=[^&]+&page_id=i\+d&sort=best$/);
});

test("the reader's own order wins, and broken storage does not matter", () => {
  const { element, asked } = page({ attributes: { site: "s", sort: "best" }, kept: { "afterword:https://c.example/sub/:s:sort": '"newest"' } });
  element.load();
  assert.match(asked[0], /&sort=newest$/);
  const broken = page({ attributes: { site: "s", sort: "best" }, kept: { "afterword:https://c.example/sub/:s:sort": "{" } });
  broken.element.load();
  assert.match(broken.asked[0], /&sort=best$/);
});

test("words of another language come beside the program, English needs none", () => {
  const loads = (options) => {
    const { element, loaded } = page(options);
    element.load();
    return loaded.map((url) => url.split("__/")[1]);
  };
  assert.deepEqual(loads({ lang: "en-GB" }), ["core.js"]);
  assert.deepEqual(loads({ lang: "de-AT" }), ["i18n/de-AT.js", "core.js"]);
  assert.deepEqual(loads({ lang: "en", attributes: { lang: "fa" } }), ["i18n/fa.js", "core.js"]);
});

test("when the program does not come, a link to the thread's own page does", async () => {
  const { element, put } = page({ attributes: { site: "blog" }, core: new Error("blocked") });
  element.load();
  await new Promise((go) => setTimeout(go));
  assert.match(put[0].href, /^https:\/\/c\.example\/sub\/thread\/blog\?page=/);
});
