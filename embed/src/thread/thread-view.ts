// One thread on one page: what it knows, the frame it stands in, and how it comes, fails and goes.
// Must never draw a single comment itself, and never leave a listener, timer or request behind when it is gone.
// Next: list.ts and comment.ts draw, comment-form.ts opens forms, permalink.ts follows links to one comment.
import { Api } from "../api/client";
import { tick } from "../dom/clock";
import { el } from "../dom/element";
import { asProblem, explain, type Problem } from "../api/errors";
import { drawFrame, drawHeading } from "./layout";
import { Keep } from "../storage/reader-storage";
import { drawList } from "./list";
import type { Composer, Frame, Host, Item, Own, Place, View } from "../types";
import { rest } from "../dom/yield";
import css from "./style.css";
import type { Site, Sort, Thread, ThreadAnswer } from "../api/api-types";
import { known, type Words } from "../i18n/messages";

/** Whether the address may name a comment; permalink.ts knows for certain. */
const linked = () => /-./.test(location.hash);

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export class ThreadView implements View {
  readonly keep: Keep;
  readonly api: Api;
  /** The language of the page around: for what its people wrote. */
  readonly language: string;
  readonly level: number;
  readonly items = new Map<number, Item>();
  readonly own = new Map<number, Own>();
  /** The writing half, once it is here. */
  declare writing?: Composer;
  frame: Frame | null = null;
  site!: Site;
  thread!: Thread;
  sort: Sort = "oldest";
  cursor: string | null = null;
  /** How often the list was begun anew: what is still drawing an older one stops. */
  round = 0;

  constructor(
    readonly host: Host,
    readonly place: Place,
    readonly words: Words,
    /** Aborted when the element leaves the page, or shows something else. */
    readonly gone: AbortSignal,
    readonly root: ShadowRoot,
    readonly part: View["part"],
  ) {
    root.adoptedStyleSheets = [sheet];
    this.keep = new Keep(place.kept);
    this.api = new Api(place, gone);
    this.language = known(host.get("lang") || document.documentElement.lang);
    this.level = Math.min(5, Math.max(1, Number(host.get("heading-level")) || 2));
    // What the owner put inside the element stays in sight until there is something better.
    this.root.replaceChildren(el("slot"), ...(host.childElementCount ? [] : [el("div", { class: "loading" })]));
    const timer = setInterval(() => {
      tick(root, words);
      this.writing?.tickOwn(this);
    }, 60_000);
    gone.addEventListener("abort", () => {
      clearInterval(timer);
      host.removeAttribute("state");
    });
    const watch = new MutationObserver((changes) => changes.some(({ attributeName: name, oldValue }) => host.getAttribute(name!) !== oldValue) && host.load());
    watch.observe(host, { attributeOldValue: true, attributeFilter: ["site", "page-id", "page-url", "sort", "lang", "heading-level"] });
    gone.addEventListener("abort", () => watch.disconnect());
    const follow = (name?: string) => this.frame && this.part("permalink").then((permalink) => permalink.follow(this, name)).catch((thrown) => this.failed("link", thrown));
    addEventListener("hashchange", () => linked() && follow(), { signal: gone });
    host.goto = (id) => follow("comment-" + id);
    this.fire("ready", {});
  }

  /** Draws the thread from an answer that is on its way; the frame, and a form in it, outlive a reload. */
  async load(answer: Promise<ThreadAnswer>): Promise<boolean> {
    const first = !this.frame;
    this.frame?.section.setAttribute("aria-busy", "true");
    // Only the first time: who then asks for another order has read what the link was for.
    const link = first && linked() ? this.part("permalink").catch(() => undefined) : undefined;
    try {
      const data = await answer;
      Object.assign(this, { site: data.site, thread: data.thread, sort: data.sort, cursor: data.cursor });
      // A page that does not know its site's name asks for the site “_”, and learns the name from the first answer.
      this.place.root = this.place.root.replace("/_/", `/${data.site.name}/`);
      if (!this.frame) this.root.replaceChildren((this.frame = drawFrame(this)).section);
      const permalink = await link;
      const found = await permalink?.seek(this, (id) => permalink.contains(data.comments, id));
      if (first) {
        drawHeading(this);
        await rest();
        // Another page's thread may stand in the element by now.
        if (this.gone.aborted) return false;
      }
      if (!found?.branch) await drawList(this, data.comments);
      // Not before the list stands: until then the box keeps its height, and what follows it its place.
      this.host.setAttribute("state", "ready");
      if (found) await permalink!.show(this, found);
      if (!found?.branch) this.recall();
      this.frame.form?.restore();
      this.fire("loaded", { count: this.thread.count });
      if (first) this.part("enhancements").then((later) => later.begin(this)).catch((thrown) => this.failed("later", thrown));
      return true;
    } catch (thrown) {
      const problem = this.failed("load", thrown);
      if (this.gone.aborted || !first) return false;
      const told = this.part("diagnostics").then(({ tell }) => tell(this, problem));
      // Where the server answered, what is to be done about it comes, too; it may be another name for the page.
      if (problem.code !== "network" && (await told.catch(() => false))) return this.load(this.api.thread(this.place.sort));
      told.catch(() => {});
      this.refuse(problem);
      return false;
    } finally {
      this.frame?.section.removeAttribute("aria-busy");
    }
  }

  /** The forms, and all that only writers need. */
  async composer(): Promise<Composer> {
    const words = this.words.locale.write?.().catch(() => undefined);
    const composer = await this.part("composer");
    composer.join(this, (await words)?.default);
    return (this.writing = composer);
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

  /** False when the page asked not to go on. */
  fire(name: string, detail: object): boolean {
    return this.host.dispatchEvent(new CustomEvent("afterword:" + name, { bubbles: true, composed: true, cancelable: true, detail }));
  }

  /** Tells the page that something did not work; nothing, when the thread was only taken away meanwhile. */
  failed(action: string, thrown: unknown): Problem {
    const problem = asProblem(thrown);
    if (problem !== thrown) {
      console.error(thrown);
      // Parts that do not fit together come from two builds: after an upgrade, this is the present one's renew.js, else nothing.
      import("./upgraded.js").catch(() => {});
    }
    // Readers are told in words of their own; this is for owners.
    else if (problem.message) console.warn("Afterword: " + problem.message);
    if (problem.code !== "aborted") this.fire("failed", { action, code: problem.code });
    return problem;
  }

  /** How the kept things of this page are told from those of others. */
  get pageKey(): string {
    return this.place.id || this.place.page;
  }

  /** Asks after the reader's own comments, only if this browser has written any here. */
  private recall(): void {
    const { keep, pageKey } = this;
    if (keep.mine().some((one) => one.page === pageKey) || keep.names("out:" + pageKey)[0]) this.composer().then((composer) => composer.recall(this)).catch((thrown) => this.failed("own", thrown));
  }

  private speak(role: string, text: string): void {
    const region = this.root.querySelector(`[role=${role}]`);
    if (!region) return;
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 50);
  }

  /** The thread did not come: say so, in the room that was kept for it. */
  private refuse(problem: Problem): void {
    if (this.gone.aborted) return;
    const { say } = this.words;
    const again = el("button", { type: "button", class: "button", part: "button" }, say("retry"));
    again.addEventListener("click", async () => {
      if (again.ariaDisabled) return;
      again.ariaDisabled = "true";
      if (await this.load(this.api.thread(this.place.sort))) this.frame?.heading.focus();
    });
    const text = problem.code === "network" ? say("load_failed") : this.explain(problem);
    const retried = !!this.root.querySelector("[role=alert]");
    const box = el("div", { class: "failure", part: "notice" }, el("p", { role: "alert" }, text), el("p", {}, again, " ", el("a", { href: this.place.link }, say("open_page"))));
    this.root.replaceChildren(el("slot"), box);
    if (retried) again.focus();
    this.host.setAttribute("state", "failed");
  }
}
