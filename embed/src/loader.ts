// The script that owners paste: it defines <afterword-thread>, waits until a reader comes near,
// then asks for the thread, for core.js and for the words of the page's language at the same time.
// renew.js is this, too: it loads what an earlier build defined.
// Must never throw, never set a cookie, never load anything before it is needed, and weigh 1 KB at most.
// Next: core.ts takes over in mount(), with all addresses that are made here; README.md describes the attributes.
import { renewingRegistry } from "./thread/renew";
import type { ThreadContext } from "./types";

/** Whether this is renew.js; build.mjs says so. */
declare const RENEW: boolean;

{
  const tag = "afterword-thread";
  const currentScript = document.currentScript as HTMLScriptElement | null;
  // A module has no current script; its call stack names it.
  const src = RENEW ? import.meta.url : currentScript?.src || Error().stack?.match(/http.*(?=:\d+:)/)?.[0];
  /** The tag as the page has it now: a router may have brought the next page's, with other attributes. */
  const script = () => [...document.scripts].findLast((one) => one.src == src) || currentScript;
  /** An address as the page's links have it; invalid ones stay as they are. */
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
     * Somebody who comes for the comments, or for one of them, does not want to scroll for it. What only looks so,
     * address.ts sorts out.
     */
    const follow = async () => {
      try {
        (await importPart("address")).follow(script, firstTag);
      } catch {}
    };
    const followFragment = () => /comment|re|is/.test(location.hash) && follow();
    if (!RENEW) addEventListener("hashchange", followFragment);

    const sheet = new CSSStyleSheet();
    // Until the thread stands, the box is as high as the window: what follows it does not jump about.
    // :where() leaves the last word to the owner's own rules, but there is no room on paper: nothing comes to fill it
    // there.
    sheet.replaceSync(
      `:where(${tag}:not([hidden])){display:block;margin-block:48px;min-height:100vh}:where(${tag}[state]){min-height:240px}@media print{${tag}{min-height:0!important}}`,
    );
    if (!RENEW) document.adoptedStyleSheets.push(sheet);

    (RENEW ? renewingRegistry : customElements).define(
      tag,
      class extends HTMLElement {
        declare abort?: AbortController | void;

        connectedCallback() {
          // A page that is only being prepared has no reader yet.
          if ((document as { prerendering?: boolean }).prerendering)
            return document.addEventListener("prerenderingchange", () => this.connectedCallback());
          const loading = this.get("loading");
          followFragment();
          if (loading == "eager") this.load();
          // Who saves data loads what they see, not what they may see.
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

        /** Being moved within the page keeps everything as it is. */
        connectedMoveCallback() {}

        disconnectedCallback() {
          this.abort = this.abort?.abort();
          // A router may bring the next page's tag without running it.
          follow();
        }

        /** What the owner set, here or for the whole page. */
        get(name: string) {
          return this.getAttribute(name) ?? script()?.getAttribute("data-" + name);
        }

        /** Begins, or begins again; `found`: the article's address, where spa-navigation.ts knows it. */
        async load(articleAddress?: string) {
          this.abort?.abort();
          const { signal } = (this.abort = new AbortController());
          // The owner's word wins, then the canonical link, then the address without its fragment. core.ts looks again
          // where a router has changed that.
          const page = link(articleAddress || this.get("page-url") || canonical() || location.href).href;
          // Without its name, the site is found by the page. Some routers put a copy of the tag into the next page,
          // without its attributes.
          const site = this.get("site") || currentScript?.dataset.site || "_";
          const id = this.get("page-id");
          // Always in this order, so that a preload written into the page matches.
          const query = "?" + new URLSearchParams({ page, ...(id && { page_id: id }) });
          const lang = this.get("lang") || this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
          // English is in core.js; words that do not come are English too.
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
  // In the head nobody would see it; there, the element comes further down. Routers that swap the body run the script
  // again: then all is defined, and only the element is missing.
  document.querySelector(tag) || firstTag?.closest("head") || firstTag?.after(document.createElement(tag));
}
