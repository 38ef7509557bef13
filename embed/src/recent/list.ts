// Draws the newest comments: what was said, by whom, under which article, and when.
// Must never take markup, nor link anywhere but to http and https.
// Next: element.ts makes the elements, style.css is how they look.
import { ago, now } from "../dom/clock";
import { el } from "../dom/element";
import { known } from "../i18n/messages";
import css from "./style.css";

/** A comment as GET recent has it. */
export interface Recent {
  id: number;
  author: { name: string; website: string | null; avatar: string | null } | null;
  /** In milliseconds. */
  created_at: number;
  /** The beginning of its text. */
  excerpt: string;
  thread: { page: string; title: string | null };
  /** To the comment on its page. */
  link: string;
}

let made: CSSStyleSheet | undefined;

/** One for all lists of a page. */
export function sheet(): CSSStyleSheet {
  if (!made) (made = new CSSStyleSheet()).replaceSync(css);
  return made;
}

const safe = (address: string): string | null => (/^https?:/i.test(address) ? address : null);

export function draw(comments: Recent[], tag: string): HTMLElement {
  const language = known(tag.replace("_", "-"));
  const spans = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const words = { passed: (value: number, unit: 0 | 1 | 2 | 3) => spans.format(-value, (["second", "minute", "hour", "day"] as const)[unit]), day: (at: number) => days.format(at) };
  const item = ({ author, created_at: at, excerpt, thread, link }: Recent) =>
    el(
      "li",
      { part: "item" },
      el("a", { href: safe(link), part: "excerpt", dir: "auto" }, excerpt),
      el(
        "p",
        { part: "about" },
        ...apart(
          author?.name && el("bdi", { part: "author" }, author.name),
          thread.title && el("a", { href: safe(thread.page), part: "title", dir: "auto" }, thread.title),
          el("time", { datetime: new Date(at).toISOString(), title: exact.format(at), part: "time" }, ago(at, now(), words)),
        ),
      ),
    );
  return el("ol", { role: "list", part: "list" }, ...comments.map(item));
}

/** With dots between what there is. */
const apart = (...nodes: (Node | string | null | undefined)[]): (Node | string)[] =>
  nodes.filter((node): node is Node => !!node).flatMap((node, n) => (n ? [" · ", node] : [node]));
