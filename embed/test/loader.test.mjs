// What the loader requests, and when: the built file runs in a document of happy-dom; the network, the viewport and the
// stored order are the test's own. Next: ../src/loader.ts
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { Window } from "happy-dom";
import { files } from "../build.mjs";

const built = (await files())["embed.js"].replaceAll("import(", "load(");

/**
 * A page with an element and the loader's tag below it, as a browser runs it. Returns what the loader did, and `near`,
 * which brings a reader close.
 */
function page({
  attributes = {},
  script = {},
  canonical,
  at = "https://blog.example/tea/?p=1#top",
  lang = "en",
  stored = {},
  core = {},
  base,
} = {}) {
  const { document, customElements, HTMLElement, HTMLAnchorElement, CSSStyleSheet, location, localStorage } =
    new Window({ url: at });
  // happy-dom ignores <base> in links.
  const href = Object.getOwnPropertyDescriptor(HTMLAnchorElement.prototype, "href");
  Object.defineProperty(HTMLAnchorElement.prototype, "href", {
    get: href.get,
    set(value) {
      href.set.call(this, URL.canParse(value, base ?? at) ? new URL(value, base ?? at).href : value);
    },
  });
  const asked = [];
  const loaded = [];
  const mounted = [];
  const observers = [];
  const append = (parent, tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.append(element);
    return element;
  };
  document.documentElement.lang = lang;
  if (base) append(document.head, "base", { href: base });
  if (canonical) append(document.head, "link", { rel: "canonical", href: canonical });
  for (const [key, value] of Object.entries(stored)) localStorage.setItem(key, value);
  const element = append(document.body, "afterword-thread", attributes);
  // A type that happy-dom does not run: the test runs the script.
  const tag = append(document.body, "script", { type: "text/plain", src: "https://c.example/sub/embed.js", ...script });
  Object.defineProperty(document, "currentScript", { value: tag });
  vm.runInNewContext(built, {
    document,
    customElements,
    HTMLElement,
    CSSStyleSheet,
    location,
    // happy-dom has items only through getItem.
    localStorage: new Proxy(localStorage, { get: (storage, key) => storage.getItem(key) ?? undefined }),
    navigator: { language: "xx" },
    URL,
    URLSearchParams,
    AbortController,
    addEventListener() {},
    IntersectionObserver: class {
      constructor(callback) {
        this.seen = () => callback([{ isIntersecting: true }], this);
      }
      observe() {
        observers.push(this);
      }
      disconnect() {
        observers.splice(observers.indexOf(this), 1);
      }
    },
    fetch: (url) => {
      asked.push(url);
      return Promise.resolve();
    },
    load: async (url) => {
      loaded.push(url);
      if (core instanceof Error) throw core;
      return { mount: (...all) => mounted.push(all), follow() {}, ...core };
    },
  });
  return { document, element, asked, loaded, mounted, observers, near: () => observers[0].seen() };
}

const address = (url) => new URL(url).searchParams.get("page");
const settled = () => new Promise((done) => setTimeout(done));

test("nothing is requested before the thread is near; then the thread and the program in parallel", async () => {
  const { document, asked, loaded, near, mounted, observers } = page({ attributes: { site: "blog" } });
  assert.equal(document.querySelectorAll("afterword-thread").length, 1);
  assert.deepEqual([asked, loaded], [[], []]);
  near();
  assert.equal(observers.length, 0);
  assert.deepEqual(asked, [
    "https://c.example/sub/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2Ftea%2F%3Fp%3D1",
  ]);
  assert.deepEqual(loaded, ["https://c.example/sub/__AFTERWORD_EMBED__/core.js"]);
  await settled();
  const [, context] = mounted[0];
  assert.equal(context.link, "https://c.example/sub/thread/blog?page=https%3A%2F%2Fblog.example%2Ftea%2F%3Fp%3D1");
  assert.equal(context.namespace, "afterword:https://c.example/sub/:blog:");
  assert.ok("canonical" in context);
});

test("eager loads at once, manual waits for load(), a link to a comment loads at once", () => {
  const begun = (options) => {
    const { asked, observers } = page(options);
    return [asked.length, observers.length];
  };
  assert.deepEqual(begun({ attributes: { loading: "eager" } }), [1, 0]);
  assert.deepEqual(begun({ attributes: { loading: "manual" } }), [0, 0]);
  for (const name of ["comment-12", "isso-3", "remark42__comment-0c8b"]) {
    assert.match(page({ at: `https://b.example/#${name}` }).loaded[0], /\/address\.js$/, name);
  }
  assert.deepEqual(begun({ at: "https://b.example/#top" }), [0, 1]);
});

test("page-url wins over the canonical link, and that over the location", () => {
  const asks = (options) => {
    const { element, asked } = page(options);
    element.load();
    return asked[0];
  };
  const canonical = "https://y.example/b";
  assert.equal(address(asks({ attributes: { "page-url": "https://x.example/a" }, canonical })), "https://x.example/a");
  assert.equal(address(asks({ canonical })), canonical);
  assert.equal(address(asks({})), "https://blog.example/tea/?p=1");
  // Relative to the page or its <base>, without a fragment; the server refuses an invalid address.
  const relative = (url, base) => address(asks({ attributes: { "page-url": url }, base }));
  assert.equal(relative("/posts/tea/#top"), "https://blog.example/posts/tea/");
  assert.equal(relative("milk/"), "https://blog.example/tea/milk/");
  assert.equal(relative("milk/", "https://www.example/b/"), "https://www.example/b/milk/");
  assert.equal(relative("http://"), "http://");
  assert.match(
    asks({ attributes: { "page-id": "i d" }, script: { "data-site": "s", "data-sort": "best" } }),
    /sites\/s\/thread\?page=[^&]+&page_id=i\+d&sort=best$/,
  );
});

test("the reader's own order wins, and broken storage is ignored", () => {
  const asks = (sort) => {
    const stored = { "afterword:https://c.example/sub/:s:sort": sort };
    const { element, asked } = page({ attributes: { site: "s", sort: "best" }, stored });
    element.load();
    return asked[0];
  };
  assert.match(asks('"newest"'), /&sort=newest$/);
  assert.match(asks("{"), /&sort=best$/);
});

test("messages of another language load in parallel with the program, English needs no file", () => {
  const loads = (options) => {
    const { element, loaded } = page(options);
    element.load();
    return loaded.map((url) => url.split("__/")[1]);
  };
  assert.deepEqual(loads({ lang: "en-GB" }), ["core.js"]);
  assert.deepEqual(loads({ lang: "de-AT" }), ["i18n/de-AT.js", "core.js"]);
  assert.deepEqual(loads({ lang: "en", attributes: { lang: "fa" } }), ["i18n/fa.js", "core.js"]);
});

test("when the program cannot be loaded, a link to the thread's own page is shown", async () => {
  const { element } = page({ attributes: { site: "blog" }, core: new Error("blocked") });
  element.load();
  await settled();
  assert.match(element.querySelector("a").href, /^https:\/\/c\.example\/sub\/thread\/blog\?page=/);
});
