// One thread on one page: what it knows, the frame it stands in, and how it comes, fails and goes.
// Must never draw a single comment itself, and never leave a listener, timer or request behind after destroy().
// Next: list.ts and comment.ts draw, prompt.ts opens forms, permalink.ts follows links to one comment.
import { Api } from "./api";
import { tick } from "./clock";
import { refresh } from "./comment";
import { el } from "./element";
import { asProblem, explain, type Problem } from "./errors";
import { drawFrame, type Frame } from "./frame";
import { Keep } from "./keep";
import { drawList } from "./list";
import { keepPrefix, linkedComment, pageQuery, threadPage } from "./page";
import { contains, follow, showBranch } from "./permalink";
import type { Form } from "./prompt";
import css from "./style.css";
import type { Comment, Site, Sort, Thread, ThreadAnswer } from "./wire";
import { known, Words } from "./words";

/** Where the loader found the thread, and what its owner set. */
export interface Place {
  base: string;
  site: string;
  page: string;
  id: string | null;
  sort: string | null;
  get(setting: string): string | null;
}

/** A comment that is drawn. */
export interface Item {
  comment: Comment;
  parent: Item | null;
  /** The top-level comment it stands under; itself when it is one. */
  top: Item;
  depth: number;
  li: HTMLLIElement;
  article: HTMLElement;
  /** Where its reply or edit form opens. */
  slot: HTMLElement;
  replies: HTMLOListElement | null;
  /** On a top-level comment: the largest id below it that the server has listed. Own posts do not count. */
  listed: number;
  form: Form | null;
}

/** What the reader may still do to a comment of their own. */
export interface Own {
  token: string;
  text: string;
  until: number;
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export class View {
  readonly root: ShadowRoot;
  readonly words = new Words();
  readonly keep: Keep;
  readonly api: Api;
  /** The language of the page around: for what its people wrote. */
  readonly language: string;
  readonly level: number;
  readonly items = new Map<number, Item>();
  readonly own = new Map<number, Own>();
  private ending = new AbortController();
  readonly gone = this.ending.signal;
  frame: Frame | null = null;
  site!: Site;
  thread!: Thread;
  sort: Sort = "oldest";
  cursor: string | null = null;

  constructor(
    readonly host: HTMLElement,
    readonly place: Place,
  ) {
    this.root = host.shadowRoot || host.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheet];
    this.keep = new Keep(keepPrefix(place.base, place.site));
    this.api = new Api(place.base, place.site, place, this.gone);
    this.language = known(place.get("lang") || document.documentElement.lang);
    this.level = Math.min(5, Math.max(1, Number(place.get("heading-level")) || 2));
    // What the owner put inside the element stays in sight until there is something better.
    this.root.replaceChildren(el("slot"), ...(host.childElementCount ? [] : [el("p", { class: "loading" }, this.words.say("loading"))]));
    const timer = setInterval(() => this.tick(), 60_000);
    this.gone.addEventListener("abort", () => clearInterval(timer));
    addEventListener("hashchange", () => this.frame && follow(this), { signal: this.gone });
    this.fire("ready", {});
  }

  destroy(): void {
    this.ending.abort();
    this.host.removeAttribute("state");
  }

  /** Draws the thread from an answer that is on its way; the frame, and a form in it, outlive a reload. */
  async load(answer: Promise<ThreadAnswer>): Promise<boolean> {
    this.frame?.section.setAttribute("aria-busy", "true");
    try {
      const data = await answer;
      Object.assign(this, { site: data.site, thread: data.thread, sort: data.sort, cursor: data.cursor });
      if (!this.frame) this.root.replaceChildren((this.frame = drawFrame(this)).section);
      this.host.setAttribute("state", "ready");
      const linked = linkedComment(location.hash);
      if (!linked || contains(data.comments, linked) || !(await showBranch(this, linked))) {
        await drawList(this, data.comments);
        if (linked) follow(this, true);
      }
      this.fire("loaded", { count: this.thread.count });
      this.recall();
      return true;
    } catch (thrown) {
      this.failed("load", thrown);
      if (!this.gone.aborted && !this.frame) this.refuse(asProblem(thrown));
      return false;
    } finally {
      this.frame?.section.removeAttribute("aria-busy");
    }
  }

  /** The forms, and all that only writers need. */
  async composer(): Promise<typeof import("./composer")> {
    const composer = await import("./composer.js");
    composer.join(this);
    return composer;
  }

  /** For a polite listener: said once, never shown. */
  say(text: string): void {
    this.speak("status", text);
  }

  /** For a listener at once; whoever calls it also shows it. */
  alert(text: string): void {
    this.speak("alert", text);
  }

  explain(problem: Problem): string {
    return explain(problem, this.words, this.site?.max_text);
  }

  fire(name: string, detail: object): void {
    this.host.dispatchEvent(new CustomEvent("afterword:" + name, { bubbles: true, composed: true, detail }));
  }

  /** Tells the page that something did not work; nothing, when the thread was only taken away meanwhile. */
  failed(action: string, thrown: unknown): Problem {
    const problem = asProblem(thrown);
    if (problem !== thrown) console.error(thrown);
    if (problem.code !== "aborted") this.fire("failed", { action, code: problem.code });
    return problem;
  }

  /** The thread's page on the comment origin, which works without any of this. */
  get link(): string {
    return threadPage(this.place.base, this.place.site, pageQuery(this.place.page, this.place.id));
  }

  /** How the kept things of this page are told from those of others. */
  get pageKey(): string {
    return this.place.id || this.place.page;
  }

  /** Asks after the reader's own comments, only if this browser has written any here; brings drafts back. */
  private recall(): void {
    const written = this.keep.mine().some((one) => one.page === this.pageKey);
    if (written) this.composer().then((composer) => composer.recall(this)).catch(() => {});
    this.frame?.form?.restore();
  }

  private tick(): void {
    tick(this.root, this.words);
    for (const [id, own] of this.own) {
      const item = this.items.get(id);
      // A button that has the focus is not taken away from under it.
      if (own.until > Date.now() || item?.form || item?.article.contains(this.root.activeElement)) continue;
      this.own.delete(id);
      if (item) refresh(this, item);
    }
  }

  private speak(role: string, text: string): void {
    const region = this.root.querySelector(`[role=${role}]`);
    if (!region) return;
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 50);
  }

  /** The thread did not come: say so, in the room that was kept for it. */
  private refuse(problem: Problem): void {
    const { say } = this.words;
    const again = el("button", { type: "button", class: "button", part: "button" }, say("retry"));
    again.addEventListener("click", async () => {
      if (again.ariaDisabled) return;
      again.ariaDisabled = "true";
      if (await this.load(this.api.thread(this.place.sort))) this.frame?.heading.focus();
    });
    const text = problem.code === "network" ? say("load_failed") : this.explain(problem);
    const retried = !!this.root.querySelector("[role=alert]");
    const box = el("div", { class: "failure", part: "notice" }, el("p", { role: "alert" }, text), el("p", {}, again, " ", el("a", { href: this.link }, say("open_page"))));
    this.root.replaceChildren(el("slot"), box);
    if (retried) again.focus();
    this.host.setAttribute("state", "failed");
  }
}
