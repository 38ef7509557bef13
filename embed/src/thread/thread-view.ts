// The view of one thread on one page: its state, loading, failures, and the abort of all that it started.
// Must never draw a single comment itself, and never leave a listener, timer or request behind when it is removed.
// Next: list.ts and comment.ts draw, comment-form.ts opens forms, permalink.ts follows links to one comment.
import { ApiClient } from "../api/client";
import { refreshTimes } from "../dom/clock";
import { el } from "../dom/element";
import { toProblem, errorMessage, type Problem } from "../api/errors";
import { createLayout, updateHeading } from "./layout";
import { ReaderStorage } from "../storage/reader-storage";
import { drawList } from "./list";
import type { Composer, Layout, Host, CommentItem, EditRight, ThreadContext, View } from "../types";
import { nextFrame } from "../dom/yield";
import css from "./style.css";
import type { Site, Sort, Thread, ThreadAnswer } from "../api/api-types";
import { canonicalLanguage, type Messages } from "../i18n/messages";

/** True if the address may name a comment; permalink.ts decides. */
const mayNameComment = () => /-./.test(location.hash);

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export class ThreadView implements View {
  readonly storage: ReaderStorage;
  readonly api: ApiClient;
  /** The language of the page around the thread: for the comments of its readers. */
  readonly language: string;
  readonly level: number;
  readonly items = new Map<number, CommentItem>();
  readonly editRights = new Map<number, EditRight>();
  /** The loaded composer.js. */
  declare loadedComposer?: Composer;
  layout: Layout | null = null;
  site!: Site;
  thread!: Thread;
  sort: Sort = "oldest";
  cursor: string | null = null;
  /** Incremented whenever the list is replaced: a function that still draws an older list stops. */
  generation = 0;

  constructor(
    readonly host: Host,
    readonly context: ThreadContext,
    readonly messages: Messages,
    /** Aborted when the element leaves the page, or shows another article. */
    readonly signal: AbortSignal,
    readonly root: ShadowRoot,
    readonly part: View["part"],
  ) {
    root.adoptedStyleSheets = [sheet];
    this.storage = new ReaderStorage(context.namespace);
    this.api = new ApiClient(context, signal);
    this.language = canonicalLanguage(host.get("lang") || document.documentElement.lang);
    this.level = Math.min(5, Math.max(1, Number(host.get("heading-level")) || 2));
    // The owner's content inside the element stays visible until the thread is drawn.
    this.root.replaceChildren(el("slot"), ...(host.childElementCount ? [] : [el("div", { class: "loading" })]));
    const timer = setInterval(() => {
      refreshTimes(root, messages);
      this.loadedComposer?.refreshEditWindows(this);
    }, 60_000);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      host.removeAttribute("state");
    });
    const watch = new MutationObserver(
      (changes) =>
        changes.some(({ attributeName: name, oldValue }) => host.getAttribute(name!) !== oldValue) && host.load(),
    );
    watch.observe(host, {
      attributeOldValue: true,
      attributeFilter: ["site", "page-id", "page-url", "sort", "lang", "heading-level"],
    });
    signal.addEventListener("abort", () => watch.disconnect());
    const follow = (name?: string) =>
      this.layout &&
      this.part("permalink")
        .then((permalink) => permalink.follow(this, name))
        .catch((thrown) => this.report("link", thrown));
    addEventListener("hashchange", () => mayNameComment() && follow(), { signal });
    host.goto = (id) => follow("comment-" + id);
    this.dispatch("ready", {});
  }

  /** Draws the thread from the given response; the layout, and a form in it, outlive a reload. */
  async load(answer: Promise<ThreadAnswer>): Promise<boolean> {
    const first = !this.layout;
    this.layout?.section.setAttribute("aria-busy", "true");
    // Only the first time: a reader who then changes the order has read what the link was for.
    const link = first && mayNameComment() ? this.part("permalink").catch(() => undefined) : undefined;
    try {
      const data = await answer;
      Object.assign(this, { site: data.site, thread: data.thread, sort: data.sort, cursor: data.cursor });
      // A page that does not name its site asks for the site “_”, and learns the name from the first response.
      this.context.root = this.context.root.replace("/_/", `/${data.site.name}/`);
      if (!this.layout) this.root.replaceChildren((this.layout = createLayout(this)).section);
      const permalink = await link;
      const found = await permalink?.find(this, (id) => permalink.contains(data.comments, id));
      if (first) {
        updateHeading(this);
        await nextFrame();
        // The element may show another page's thread by now.
        if (this.signal.aborted) return false;
      }
      if (!found?.conversation) await drawList(this, data.comments);
      // Not before the list is drawn: until then the box keeps its height, so that what follows does not move.
      this.host.setAttribute("state", "ready");
      if (found) await permalink!.show(this, found);
      if (!found?.conversation) this.loadOwnComments();
      this.layout.form?.restore();
      this.dispatch("loaded", { count: this.thread.count });
      if (first)
        this.part("enhancements")
          .then((later) => later.begin(this))
          .catch((thrown) => this.report("later", thrown));
      return true;
    } catch (thrown) {
      const problem = this.report("load", thrown);
      if (this.signal.aborted || !first) return false;
      const diagnosis = this.part("diagnostics").then(({ diagnose }) => diagnose(this, problem));
      // Where the server answered, the owner is told the remedy, too; it may be another address of the page.
      if (problem.code !== "network" && (await diagnosis.catch(() => false)))
        return this.load(this.api.thread(this.context.sort));
      diagnosis.catch(() => {});
      this.showFailure(problem);
      return false;
    } finally {
      this.layout?.section.removeAttribute("aria-busy");
    }
  }

  /** The forms, and everything else that only writers need. */
  async composer(): Promise<Composer> {
    const writerMessages = this.messages.locale.write?.().catch(() => undefined);
    const composer = await this.part("composer");
    composer.attach(this, (await writerMessages)?.default);
    return (this.loadedComposer = composer);
  }

  /** A message for screen readers, in a polite live region; not visible. */
  announce(text: string): void {
    this.fillRegion("status", text);
  }

  /** A message for screen readers, in an assertive live region; the caller also shows it. */
  alert(text: string): void {
    this.fillRegion("alert", text);
  }

  errorMessage(problem: Problem): string {
    return errorMessage(problem, this.messages, this.site?.max_text);
  }

  /** False when a listener of the page called preventDefault(). */
  dispatch(name: string, detail: object): boolean {
    return this.host.dispatchEvent(
      new CustomEvent("afterword:" + name, { bubbles: true, composed: true, cancelable: true, detail }),
    );
  }

  /** Dispatches an error event to the page; none when the thread was only removed. */
  report(action: string, thrown: unknown): Problem {
    const problem = toProblem(thrown);
    if (problem !== thrown) {
      console.error(thrown);
      // Parts that do not fit together come from two builds. After an upgrade this loads the present build's renew.js,
      // else nothing.
      import("./upgraded.js").catch(() => {});
    }
    // Readers have messages of their own; this is for owners.
    else if (problem.message) console.warn("Afterword: " + problem.message);
    if (problem.code !== "aborted") this.dispatch("failed", { action, code: problem.code });
    return problem;
  }

  /** The part of a storage key that tells this page's entries from those of others. */
  get pageKey(): string {
    return this.context.id || this.context.page;
  }

  /** Loads the reader's own comments, only if this browser has written any here. */
  private loadOwnComments(): void {
    const { storage, pageKey } = this;
    if (storage.ownComments().some((one) => one.page === pageKey) || storage.keys("out:" + pageKey)[0])
      this.composer()
        .then((composer) => composer.resume(this))
        .catch((thrown) => this.report("own", thrown));
  }

  private fillRegion(role: string, text: string): void {
    const region = this.root.querySelector(`[role=${role}]`);
    if (!region) return;
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 50);
  }

  /** The thread could not be loaded: shows the error in the space that was reserved. */
  private showFailure(problem: Problem): void {
    if (this.signal.aborted) return;
    const { say } = this.messages;
    const again = el("button", { type: "button", class: "button", part: "button" }, say("retry"));
    again.addEventListener("click", async () => {
      if (again.ariaDisabled) return;
      again.ariaDisabled = "true";
      if (await this.load(this.api.thread(this.context.sort))) this.layout?.heading.focus();
    });
    const text = problem.code === "network" ? say("load_failed") : this.errorMessage(problem);
    const retried = !!this.root.querySelector("[role=alert]");
    const box = el(
      "div",
      { class: "failure", part: "notice" },
      el("p", { role: "alert" }, text),
      el("p", {}, again, " ", el("a", { href: this.context.link }, say("open_page"))),
    );
    this.root.replaceChildren(el("slot"), box);
    if (retried) again.focus();
    this.host.setAttribute("state", "failed");
  }
}
