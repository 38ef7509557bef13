// The script that owners paste: it defines <afterword-thread>, waits until a reader comes near,
// then asks for the thread and for core.js at the same time.
// Must never throw, never set a cookie, never load anything before it is needed, and weigh 1 KB at most.
// Next: core.ts takes over in mount(); page.ts holds the addresses.
import { keepPrefix, linkedComment, pageAddress, pageQuery, siteAddress, threadPage } from "./page";

interface View {
  destroy(): void;
}

interface Core {
  mount(host: HTMLElement, place: object, answer: Promise<Response>): View;
}

const doc = document;
const script = doc.currentScript as HTMLScriptElement | null;
const tag = "afterword-thread";
if (script && !customElements.get(tag)) {
  const base = new URL(".", script.src).href;

  const sheet = new CSSStyleSheet();
  // Until the thread stands, the box is as high as the window: what follows it does not jump about.
  // :where() leaves the last word to the owner's own rules.
  sheet.replaceSync(`:where(${tag}:not([hidden])){display:block;margin-block:3rem;min-height:15rem}:where(${tag}:not([state])){min-height:100vh}`);
  doc.adoptedStyleSheets.push(sheet);

  class AfterwordThread extends HTMLElement {
    static observedAttributes = ["site", "page-id", "page-url", "sort", "lang", "heading-level"];
    declare near?: IntersectionObserver;
    declare abort?: AbortController;
    declare view?: View;

    connectedCallback() {
      // A page that is only being prepared has no reader yet.
      if ((doc as { prerendering?: boolean }).prerendering) {
        doc.addEventListener("prerenderingchange", () => this.isConnected && this.connectedCallback(), { once: true });
        return;
      }
      if (this.get("loading") === "eager") return this.load();
      this.near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.load(), { rootMargin: "800px" });
      this.near.observe(this);
      this.follow();
    }

    /** Somebody who comes for one comment does not want to scroll for it. */
    follow() {
      if (linkedComment(location.hash) && !this.abort) this.load();
    }

    /** Being moved within the page keeps everything as it is. */
    connectedMoveCallback() {}

    disconnectedCallback() {
      this.near?.disconnect();
      this.abort?.abort();
      this.abort = undefined;
      this.view?.destroy();
      this.view = undefined;
    }

    attributeChangedCallback(_name: string, before: string | null, now: string | null) {
      if (before !== now && this.abort) {
        this.disconnectedCallback();
        this.load();
      }
    }

    get(name: string) {
      return this.getAttribute(name) ?? script!.getAttribute("data-" + name);
    }

    load() {
      this.near?.disconnect();
      const { signal } = (this.abort = new AbortController());
      const site = this.get("site") || "";
      const id = this.get("page-id");
      const page = pageAddress(this.get("page-url"), doc.querySelector("link[rel=canonical]")?.getAttribute("href"), location);
      let sort = this.get("sort");
      try {
        sort = JSON.parse(localStorage.getItem(keepPrefix(base, site) + "sort")!) || sort;
      } catch {}
      const answer = fetch(siteAddress(base, site) + "thread" + pageQuery(page, id, sort), { credentials: "omit", signal });
      answer.catch(() => {});
      (import(base + "__AFTERWORD_EMBED__/core.js") as Promise<Core>).then(
        (core) => {
          if (!signal.aborted) this.view = core.mount(this, { base, site, id, page, sort, get: (name: string) => this.get(name) }, answer);
        },
        () => {
          const link = doc.createElement("a");
          link.href = threadPage(base, site, pageQuery(page, id));
          link.textContent = "Open the comments";
          this.append(link);
        },
      );
    }
  }
  customElements.define(tag, AfterwordThread);
  addEventListener("hashchange", () => doc.querySelectorAll<AfterwordThread>(tag).forEach((one) => one.follow()));
  if (!doc.querySelector(tag)) script.after(doc.createElement(tag));
}
