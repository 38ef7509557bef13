// News while somebody reads: “3 new comments”, told once and shown on demand.
// Must never put anything into the list by itself, never keep a connection for a page that nobody looks at, and never complain.
// Next: unread.ts marks what came; the server's side is GET live of the API.
import { el } from "../dom/element";
import { recount } from "../thread/layout";
import { add } from "../thread/list";
import type { View } from "../types";
import type { Fresh } from "./unread";
import type { Comment } from "../api/api-types";

/** What an event of the server holds. */
interface State {
  count: number;
  newest: number[];
}

/** Comments that are put in one by one; more are a new list. */
const few = 8;
/** Milliseconds between two announcements, and before a page in the background lets go. */
const quiet = 60_000;

export function listen(view: View, fresh: Fresh): void {
  const saving = (navigator as { connection?: { saveData: boolean } }).connection?.saveData;
  if (saving || typeof EventSource !== "function") return;
  const { words } = view;
  let source: EventSource | undefined;
  /** What is newer than this came while the reader was here; unknown until it is certain. */
  let base = view.cursor ? 0 : Math.max(1, ...view.items.keys());
  let waiting: number[] = [];
  let told = -quiet;
  let timer: ReturnType<typeof setTimeout>;

  const button = el("button", { type: "button", class: "button news", part: "button new", hidden: true });
  fresh.bar.prepend(button);

  const hear = ({ data }: MessageEvent<string>) => {
    const { newest }: State = JSON.parse(data);
    base ||= Math.max(1, newest[0] || 0);
    waiting = newest.filter((id) => id > base && !view.items.has(id));
    const text = words.count("later.new", waiting.length);
    button.hidden = !waiting.length;
    button.textContent = text;
    if (!waiting.length || performance.now() - told < quiet) return;
    told = performance.now();
    view.say(text);
  };

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    clearTimeout(timer);
    if (source || document.hidden || view.gone.aborted) return;
    source = new EventSource(`${view.place.root}live${view.place.query}`);
    source.addEventListener("thread", hear);
    // A refusal is not tried again by the browser; the next time that the page is looked at, it is.
    source.addEventListener("error", () => source?.readyState === 2 && close());
  };
  const signal = view.gone;
  document.addEventListener("visibilitychange", () => (document.hidden ? (timer = setTimeout(close, quiet)) : open()), { signal });
  addEventListener("pagehide", close, { signal });
  addEventListener("pageshow", open, { signal });
  signal.addEventListener("abort", close);
  open();

  button.addEventListener("click", async () => {
    if (button.ariaDisabled) return;
    button.ariaDisabled = "true";
    const ids = waiting.sort((a, b) => a - b);
    try {
      if (ids.length > few) await view.load(view.api.thread(view.sort));
      else for (const id of ids) await bring(id);
      waiting = [];
      button.hidden = true;
      fresh.arrived(ids);
    } catch (thrown) {
      view.alert(view.explain(view.failed("later", thrown)));
    }
    button.ariaDisabled = null;
  });

  /** One comment, with those above it that are not here yet. */
  async function bring(id: number): Promise<void> {
    const { comments } = await view.api.comment(String(id));
    const path = way(comments, id);
    for (const [n, comment] of path.entries()) {
      if (view.items.has(comment.id)) continue;
      add(view, comment, view.items.get(path[n - 1]?.id || 0) || null);
      if (comment.id === id) recount(view, 1);
    }
  }
}

/** From the top-level comment down to this one. */
function way(comments: Comment[], id: number): Comment[] {
  for (const comment of comments) {
    if (comment.id === id) return [comment];
    const below = way(comment.replies || [], id);
    if (below[0]) return [comment, ...below];
  }
  return [];
}
