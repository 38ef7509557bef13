// Defines <afterword-recent>: the newest comments of a site, as a list for a side bar or a front page.
// Must never show an empty box: until there are comments, and when the request fails, its own content is shown.
// Next: list.ts draws; loader.ts defines the thread.
import { syncClock } from "../dom/clock";
import { renderList, sheet, type RecentComment } from "./list";

const script = document.currentScript as HTMLScriptElement;
const base = new URL(".", script.src).href;

class AfterwordRecent extends HTMLElement {
  static observedAttributes = ["site", "limit", "lang"];
  private request?: AbortController;

  connectedCallback(): void {
    this.load();
  }

  /** A move within the page keeps the list and the request. */
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    this.request?.abort();
    this.request = undefined;
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (before !== now && this.request) this.load();
  }

  /** Requests the comments and draws them; a second call replaces the first. */
  async load(): Promise<void> {
    this.disconnectedCallback();
    const { signal } = (this.request = new AbortController());
    const get = (name: string) => this.getAttribute(name) ?? script.getAttribute("data-" + name);
    const site = get("site") || "_";
    const page = encodeURIComponent(location.origin + "/");
    try {
      // A page that does not name its site asks for the site “_”; the server finds the site by the page's origin.
      const answer = await fetch(
        `${base}api/v1/sites/${site}/recent?limit=${Number(get("limit")) || 5}` + (site === "_" ? "&page=" + page : ""),
        { credentials: "omit", signal },
      );
      syncClock(answer.headers.get("date"));
      const { comments }: { comments: RecentComment[] } = await answer.json();
      if (signal.aborted) return;
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet()];
      const language = get("lang") || this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
      root.replaceChildren(comments[0] ? renderList(comments, language) : document.createElement("slot"));
    } catch {
      // Readers are not told: the element keeps its own content.
    }
  }
}
customElements.get("afterword-recent") || customElements.define("afterword-recent", AfterwordRecent);
