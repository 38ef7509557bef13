// The script that owners paste: it defines <afterword-thread>, waits until a reader comes near,
// then asks for the thread, for core.js and for the words of the page's language at the same time.
// Must never throw, never set a cookie, never load anything before it is needed, and weigh 1 KB at most.
// Next: core.ts takes over in mount(), with all addresses that are made here; README.md describes the attributes.

interface Core {
  mount(host: HTMLElement, place: object, answer: Promise<Response>, gone: AbortSignal): void;
}

const doc = document;
const script = document.currentScript as HTMLScriptElement | null;
const tag = "afterword-thread";
if (script && !customElements.get(tag)) {
  const base = new URL(".", script.src).href;
  const folder = base + "__AFTERWORD_EMBED__/";

  const sheet = new CSSStyleSheet();
  // Until the thread stands, the box is as high as the window: what follows it does not jump about.
  // :where() leaves the last word to the owner's own rules, but for the room on paper: nothing comes to fill it there.
  sheet.replaceSync(`:where(${tag}:not([hidden])){display:block;margin-block:48px;min-height:240px}:where(${tag}:not([state])){min-height:100vh}@media print{${tag}{min-height:0!important}}`);
  doc.adoptedStyleSheets.push(sheet);

  class AfterwordThread extends HTMLElement {
    static observedAttributes = ["site", "page-id", "page-url", "sort", "lang", "heading-level"];
    declare near?: IntersectionObserver;
    declare abort?: AbortController;

    connectedCallback() {
      // A page that is only being prepared has no reader yet.
      if ((doc as { prerendering?: boolean }).prerendering) return doc.addEventListener("prerenderingchange", () => this.connectedCallback());
      const loading = this.get("loading");
      if (loading == "eager") return this.load();
      if (loading == "manual") return;
      // Who saves data loads what they see, not what they may see.
      const rootMargin = (navigator as { connection?: { saveData: boolean } }).connection?.saveData ? "0px" : "800px";
      this.near = new IntersectionObserver((seen) => seen.pop()!.isIntersecting && this.load(), { rootMargin });
      this.near.observe(this);
      this.follow();
    }

    /** Somebody who comes for one comment does not want to scroll for it. */
    follow() {
      if (/^#(isso|.*comment)-./.test(location.hash) && !this.abort) this.load();
    }

    /** Being moved within the page keeps everything as it is. */
    connectedMoveCallback() {}

    disconnectedCallback() {
      this.near?.disconnect();
      this.abort?.abort();
      this.abort = undefined;
    }

    attributeChangedCallback(_name: string, before: string | null, now: string | null) {
      if (before !== now && this.abort) this.load();
    }

    /** What the owner set, here or for the whole page. */
    get(name: string) {
      return this.getAttribute(name) ?? script!.getAttribute("data-" + name);
    }

    /** Begins, or begins again. */
    load() {
      this.disconnectedCallback();
      const { signal } = (this.abort = new AbortController());
      const site = this.get("site");
      const id = this.get("page-id");
      // An owner's word wins, then the canonical link, then the address without its fragment.
      const page = this.get("page-url") || doc.querySelector<HTMLLinkElement>("link[rel=canonical]")?.href || location.href.split("#")[0]!;
      // Always in this order, so that a preload written into the page matches.
      const query = `?page=${encodeURIComponent(page)}` + (id ? `&page_id=${encodeURIComponent(id)}` : "");
      const lang = this.get("lang") || this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
      const place = { root: `${base}api/v1/sites/${site}/`, link: `${base}thread/${site}${query}`, kept: `afterword:${base}:${site}:`, query, page, id, sort: this.get("sort"), words: {} };
      try {
        place.sort = JSON.parse(localStorage.getItem(place.kept + "sort")!) || place.sort;
      } catch {}
      const answer = fetch(place.root + "thread" + query + (place.sort ? "&sort=" + place.sort : ""), { credentials: "omit", signal });
      answer.catch(() => {});
      // English is in core.js; words that do not come are English too.
      if (!/^en/i.test(lang)) place.words = import(folder + `i18n/${lang}.js`).catch(() => {});
      (import(folder + "core.js") as Promise<Core>).then(
        (core) => core.mount(this, place, answer, signal),
        () => {
          const link = doc.createElement("a");
          link.href = place.link;
          link.textContent = "Open the comments";
          this.append(link);
        },
      );
    }
  }
  customElements.define(tag, AfterwordThread);
  addEventListener("hashchange", () => doc.querySelectorAll<AfterwordThread>(tag).forEach((one) => one.follow()));
}
// In the head nobody would see it; there, the element comes further down. Routers that swap the body run the script
// again: then all is defined, and only the element is missing.
if (script && !doc.querySelector(tag) && !doc.head.contains(script)) script.after(doc.createElement(tag));
