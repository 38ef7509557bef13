// Draws the list of the newest comments: excerpt, author, article and time.
// Must never take markup, nor link anywhere but to http and https.
// Next: element.ts defines the element, style.css has the styles.
import { relativeTime, now } from "../dom/clock";
import { el } from "../dom/element";
import { canonicalLanguage } from "../i18n/messages";
import css from "./style.css";

/** A comment as GET recent returns it. */
export interface RecentComment {
  id: number;
  author: { name: string; website: string | null; avatar: string | null } | null;
  /** Milliseconds since 1970. */
  created_at: number;
  /** The beginning of the comment's text. */
  excerpt: string;
  thread: { page: string; title: string | null };
  /** The comment's address on its page. */
  link: string;
}

let sharedSheet: CSSStyleSheet | undefined;

/** One style sheet for all lists of a page. */
export function sheet(): CSSStyleSheet {
  if (!sharedSheet) (sharedSheet = new CSSStyleSheet()).replaceSync(css);
  return sharedSheet;
}

const httpOnly = (address: string): string | null => (/^https?:/i.test(address) ? address : null);

export function renderList(comments: RecentComment[], tag: string): HTMLElement {
  const language = canonicalLanguage(tag.replace("_", "-"));
  const spans = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const messages = {
    relative: (value: number, unit: 0 | 1 | 2 | 3) =>
      spans.format(-value, (["second", "minute", "hour", "day"] as const)[unit]),
    date: (at: number) => days.format(at),
  };
  const item = ({ author, created_at: at, excerpt, thread, link }: RecentComment) =>
    el(
      "li",
      { part: "item" },
      el("a", { href: httpOnly(link), part: "excerpt", dir: "auto" }, excerpt),
      el(
        "p",
        { part: "about" },
        ...separated(
          author?.name && el("bdi", { part: "author" }, author.name),
          thread.title && el("a", { href: httpOnly(thread.page), part: "title", dir: "auto" }, thread.title),
          el(
            "time",
            { datetime: new Date(at).toISOString(), title: exact.format(at), part: "time" },
            relativeTime(at, now(), messages),
          ),
        ),
      ),
    );
  return el("ol", { role: "list", part: "list" }, ...comments.map(item));
}

/** Joins the parts that exist with a dot between them. */
const separated = (...nodes: (Node | string | null | undefined)[]): (Node | string)[] =>
  nodes.filter((node): node is Node => !!node).flatMap((node, n) => (n ? [" · ", node] : [node]));
