// Listens for new comments while the page is visible, announces them and inserts them on request.
// Must never insert a comment without the reader's click, never keep a connection for a hidden page, and never report
// an error.
// Next: unread.ts marks the new comments; the server's side is GET live of the API.
import { el } from "../dom/element";
import { changeCount } from "../thread/layout";
import { add } from "../thread/list";
import type { View } from "../types";
import type { UnreadMarks } from "./unread";
import type { Comment } from "../api/api-types";

/** The data of an event from the server. */
interface ThreadEvent {
  count: number;
  newest: number[];
}

/** Up to so many comments are inserted one by one; more reload the list. */
const MAX_INSERTED = 8;
/** The shortest time between two announcements, and how long a hidden page keeps its connection. */
const ANNOUNCE_EVERY_MS = 60_000;

export function listenLive(view: View, fresh: UnreadMarks): void {
  const saving = (navigator as { connection?: { saveData: boolean } }).connection?.saveData;
  if (saving || typeof EventSource !== "function") return;
  const { messages } = view;
  let source: EventSource | undefined;
  /** Comments with a higher id came while the reader was here; 0 until that is known. */
  let newestSeen = view.cursor ? 0 : Math.max(1, ...view.items.keys());
  let unseen: number[] = [];
  let announcedAt = -ANNOUNCE_EVERY_MS;
  let timer: ReturnType<typeof setTimeout>;

  const button = el("button", { type: "button", class: "button news", part: "button new", hidden: true });
  fresh.bar.prepend(button);

  const onThreadEvent = ({ data }: MessageEvent<string>) => {
    const { newest }: ThreadEvent = JSON.parse(data);
    newestSeen ||= Math.max(1, newest[0] || 0);
    unseen = newest.filter((id) => id > newestSeen && !view.items.has(id));
    const text = messages.count("later.new", unseen.length);
    button.hidden = !unseen.length;
    button.textContent = text;
    if (!unseen.length || performance.now() - announcedAt < ANNOUNCE_EVERY_MS) return;
    announcedAt = performance.now();
    view.announce(text);
  };

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    clearTimeout(timer);
    if (source || document.hidden || view.signal.aborted) return;
    source = new EventSource(`${view.context.root}live${view.context.query}`);
    source.addEventListener("thread", onThreadEvent);
    // The browser does not retry after a refusal; the next time the page becomes visible, this does.
    source.addEventListener("error", () => source?.readyState === 2 && close());
  };
  const signal = view.signal;
  document.addEventListener(
    "visibilitychange",
    () => (document.hidden ? (timer = setTimeout(close, ANNOUNCE_EVERY_MS)) : open()),
    { signal },
  );
  addEventListener("pagehide", close, { signal });
  addEventListener("pageshow", open, { signal });
  signal.addEventListener("abort", close);
  open();

  button.addEventListener("click", async () => {
    if (button.ariaDisabled) return;
    button.ariaDisabled = "true";
    const ids = unseen.sort((a, b) => a - b);
    try {
      if (ids.length > MAX_INSERTED) await view.load(view.api.thread(view.sort));
      else for (const id of ids) await insert(id);
      unseen = [];
      button.hidden = true;
      fresh.showNew(ids);
    } catch (thrown) {
      view.alert(view.errorMessage(view.report("later", thrown)));
    }
    button.ariaDisabled = null;
  });

  /** Inserts one comment, with those of its ancestors that are missing here. */
  async function insert(id: number): Promise<void> {
    const { comments } = await view.api.comment(String(id));
    const path = pathTo(comments, id);
    for (const [n, comment] of path.entries()) {
      if (view.items.has(comment.id)) continue;
      add(view, comment, view.items.get(path[n - 1]?.id || 0) || null);
      if (comment.id === id) changeCount(view, 1);
    }
  }
}

/** The ids from the top-level comment down to this one. */
function pathTo(comments: Comment[], id: number): Comment[] {
  for (const comment of comments) {
    if (comment.id === id) return [comment];
    const below = pathTo(comment.replies || [], id);
    if (below[0]) return [comment, ...below];
  }
  return [];
}
