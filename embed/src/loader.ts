// The script that owners paste. It defines <afterword-thread> and waits until a reader comes near; then it requests the
// thread, core.js and the messages of the page's language at the same time.
// Built a second time as renew.js, which loads what an earlier build defined.
// Must never throw, never set a cookie, never load anything before it is needed, and weigh at most 1 KB.
// Next: core.ts continues in mount(), with all addresses that are computed here; README.md describes the attributes.
import { renewingRegistry } from "./thread/renew";
import type { ThreadContext } from "./types";

/** True in renew.js; build.mjs sets it. */
declare const RENEW: boolean;

{
  const tag = "afterword-thread";
  const currentScript = document.currentScript as HTMLScriptElement | null;
  // A module has no current script; its call stack has the address.
  const src = RENEW ? import.meta.url : currentScript?.src || Error().stack?.match(/http.*(?=:\d+:)/)?.[0];
  /** The tag as it is in the page now: a router may have inserted the next page's, with other attributes. */
  const script = () => [...document.scripts].findLast((one) => one.src == src) || currentScript;
  /** Resolves an address against the page; an invalid one stays as it is. */
  const link = (href: string) => Object.assign(document.createElement("a"), { text: "Comments", href, hash: "" });
  const firstTag = script();
  if (RENEW || (src && !customElements.get(tag))) {
    const base = new URL(RENEW ? "../.." : ".", src).href;
    const importPart = (name: string) =>
      import(RENEW ? new URL(name + ".js", src).href : `${base}__AFTERWORD_EMBED__/${name}.js`);
    const canonical = () => document.querySelector<HTMLLinkElement>("[rel=canonical]")?.href;
    // A router may have changed it by the time of an upgrade: then address.ts looks for itself.
    const initialCanonical = RENEW ? undefined : canonical();
    /**
     * A link to the comments, or to one of them, loads the thread at once: the reader need not scroll to it. address.ts
     * rules out fragments that only look like one.
     */
    const follow = async () => {
      try {
        (await importPart("address")).follow(script, firstTag);
      } catch {}
    };
    const followFragment = () => /comment|re|is/.test(location.hash) && follow();
    if (!RENEW) addEventListener("hashchange", followFragment);

    const sheet = new CSSStyleSheet();
    // Until the thread is drawn, the box is as high as the window, so that what follows it does not jump. :where() lets
    // any rule of the owner's win. In print the box has no height, since nothing fills it there.
    sheet.replaceSync(
      `:where(${tag}:not([hidden])){display:block;margin-block:48px;min-height:100vh}:where(${tag}[state]){min-height:240px}@media print{${tag}{min-height:0!important}}`,
    );
    if (!RENEW) document.adoptedStyleSheets.push(sheet);

    (RENEW ? renewingRegistry : customElements).define(
      tag,
      class extends HTMLElement {
        declare abort?: AbortController | void;

        connectedCallback() {
          // A prerendered page has no reader yet.
          if ((document as { prerendering?: boolean }).prerendering)
            return document.addEventListener("prerenderingchange", () => this.connectedCallback());
          const loading = this.get("loading");
          followFragment();
          if (loading == "eager") this.load();
          // With data saving on, only what is in view is loaded, not what may come into view.
          else if (loading != "manual")
            new IntersectionObserver(
              (seen, near) => {
                if (!seen.pop()!.isIntersecting) return;
                near.disconnect();
                if (!this.abort) this.load();
              },
              { rootMargin: (navigator as { connection?: { saveData: boolean } }).connection?.saveData ? "" : "800px" },
            ).observe(this);
        }

        /** A move within the page keeps the thread and its requests. */
        connectedMoveCallback() {}

        disconnectedCallback() {
          this.abort = this.abort?.abort();
          // A router may insert the next page's tag without running it.
          follow();
        }

        /** The owner's attribute, on the element or for the whole page. */
        get(name: string) {
          return this.getAttribute(name) ?? script()?.getAttribute("data-" + name);
        }

        /** Loads, or loads again; `found`: the article's address, where spa-navigation.ts has it. */
        async load(articleAddress?: string) {
          this.abort?.abort();
          const { signal } = (this.abort = new AbortController());
          // The owner's attribute wins, then the canonical link, then the address without its fragment. core.ts checks
          // again where a router has changed the address.
          const page = link(articleAddress || this.get("page-url") || canonical() || location.href).href;
          // Without a site name, the server finds the site by the page. Some routers copy the tag into the next page
          // without its attributes.
          const site = this.get("site") || currentScript?.dataset.site || "_";
          const id = this.get("page-id");
          // Always in this order, so that a preload written into the page matches.
          const query = "?" + new URLSearchParams({ page, ...(id && { page_id: id }) });
          const lang = this.get("lang") || this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
          // English is in core.js; if messages cannot be loaded, English is shown.
          const messages = /^en/.test(lang) || importPart("i18n/" + lang).catch(() => {});
          const context: ThreadContext = {
            root: `${base}api/v1/sites/${site}/`,
            link: `${base}thread/${site}${query}`,
            namespace: `afterword:${base}:${site}:`,
            query,
            page,
            id,
            canonical: initialCanonical,
            sort: this.get("sort"),
            messages: messages as ThreadContext["messages"],
          };
          try {
            context.sort = JSON.parse(localStorage[context.namespace + "sort"]);
          } catch {}
          const answer = fetch(context.root + "thread" + query + (context.sort ? "&sort=" + context.sort : ""), {
            credentials: "omit",
            signal,
          });
          answer.catch(() => {});
          try {
            (await importPart("core")).mount(this, context, answer, signal);
          } catch {
            this.append(link(context.link));
          }
        }
      },
    );
  }
  // A script in the head has no place for a thread: the element is further down. Routers that swap the body run the
  // script again: then all is defined, and only the element is missing.
  document.querySelector(tag) || firstTag?.closest("head") || firstTag?.after(document.createElement(tag));
}
