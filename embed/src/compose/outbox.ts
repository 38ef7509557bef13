// Comments that the server has not accepted yet: shown as unsent, kept in storage, and sent again until a response
// comes.
// Must never send one under a second key, and never lose one: a refused comment goes back into its form.
// Next: post-form.ts fills it, write-api.ts sends.
import { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { changeCount } from "../thread/layout";
import { add } from "../thread/list";
import { draftName, toggleReply } from "../thread/comment-form";
import type { CommentItem, View } from "../types";
import { saveDraft } from "../storage/drafts";
import { reveal } from "../thread/permalink.js";
import { postComment } from "./write-api";
import type { NewComment, PostAnswer } from "../api/api-types";

export interface UnsentComment extends NewComment {
  title: string;
  /** When it was written, in milliseconds since 1970. */
  at: number;
}

/** The server keeps a key for a week. An older comment might be posted twice, so it goes back into its form. */
const RESEND_WITHIN_MS = 6 * 86_400_000;
const RETRY_BASE_MS = 4_000;
const RETRY_MAX_MS = 120_000;

const storageKey = (view: View, key: string): string => `out:${view.pageKey}:${key}`;
/**
 * The unsent comments of each thread by key, each with the function that removes it; and the keys of running requests.
 */
const boxes = new WeakMap<View, Map<string, { box: HTMLElement; end(): void }>>();
const sending = new Set<string>();

/** Sends a comment. It is stored before the response, so that it outlives the page. */
export async function send(view: View, unsent: UnsentComment): Promise<PostAnswer> {
  const name = storageKey(view, unsent.key);
  view.storage.set(name, unsent);
  sending.add(name);
  try {
    const { title, at, ...draft } = unsent;
    const answer = await postComment(view, draft, title);
    view.storage.remove(name);
    return answer;
  } catch (thrown) {
    if (!(thrown instanceof Problem) || !/^(network|aborted)$/.test(thrown.code)) view.storage.remove(name);
    throw thrown;
  } finally {
    sending.delete(name);
  }
}

/** Shows the comment at its position, as its author's own. */
export function showPosted(view: View, { comment, token, edit_until: until }: PostAnswer, text: string): CommentItem {
  view.storage.addOwnComment({ id: comment.id, token, page: view.pageKey, until });
  view.editRights.set(comment.id, { token, text, until, version: comment.version });
  const isNew = !view.items.has(comment.id);
  const held = comment.status === "held";
  const posted = add(view, comment, view.items.get(comment.parent!) || null);
  if (!held && isNew) changeCount(view, 1);
  view.announce(view.messages.say(held ? "held" : "write.posted"));
  view.dispatch("posted", { id: comment.id, parent: comment.parent, status: comment.status });
  return posted;
}

/** Shows what could not be sent, and retries with growing delays, and when the connection is back. */
export function showUnsent(view: View, unsent: UnsentComment, tries = 0): void {
  const { say } = view.messages;
  const name = storageKey(view, unsent.key);
  const { text, parent } = unsent;
  const all = boxes.get(view) || boxes.set(view, new Map()).get(view)!;
  all.get(unsent.key)?.end();
  let timer: ReturnType<typeof setTimeout>;

  const retryButton = el(
    "button",
    { type: "button", class: "button", part: "button", click: () => attempt() },
    say("retry"),
  );
  const editButton = el(
    "button",
    { type: "button", class: "button", part: "button", click: () => takeBack() },
    say("edit"),
  );
  const box = el(
    "div",
    { class: "waiting", part: "waiting" },
    el("p", { class: "said", dir: "auto" }, text),
    el("p", { class: "quiet" }, say("write.waiting")),
    el("div", { class: "row" }, retryButton, editButton),
  );
  const above = view.items.get(parent!)?.article || view.layout!.form?.node;
  if (above) above.after(box);
  else view.layout!.list.before(box);

  const done = new AbortController();
  const end = () => {
    done.abort();
    clearTimeout(timer);
    all.delete(unsent.key);
    box.remove();
  };
  all.set(unsent.key, { box, end });
  view.signal.addEventListener("abort", end, { signal: done.signal });
  addEventListener("online", () => attempt(), { signal: done.signal });
  timer = setTimeout(attempt, Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** tries) * (0.8 + Math.random() * 0.4));

  async function attempt(): Promise<void> {
    if (retryButton.ariaDisabled || sending.has(name)) return;
    // Another tab has sent it, or taken it back.
    if (!view.storage.get(name)) return end();
    retryButton.ariaDisabled = "true";
    clearTimeout(timer);
    const focused = box.contains(view.root.activeElement);
    try {
      const answer = await send(view, unsent);
      end();
      const posted = showPosted(view, answer, text);
      // A reader of another thread is left where they are.
      if (focused) reveal(posted, "nearest");
    } catch (thrown) {
      const problem = view.report("post", thrown);
      if (problem.code === "aborted") return;
      if (problem.code !== "network" && !problem.retryAfter) return takeBack(problem);
      // A busy server is not a refusal; Retry-After says when to try again.
      view.storage.set(name, unsent);
      end();
      showUnsent(view, unsent, tries + 1);
      if (focused) all.get(unsent.key)?.box.querySelector("button")?.focus();
    }
  }

  /** Puts it back into its form, with its key: if it was received after all, the server says so. */
  async function takeBack(problem?: Problem): Promise<void> {
    const focused = !problem || box.contains(view.root.activeElement);
    end();
    view.storage.remove(name);
    const item = view.items.get(parent!);
    const button = item?.article.querySelector<HTMLElement>("[part~=reply]");
    if (item && button && !item.form) toggleReply(view, item, button, focused);
    const form = item?.form || view.layout!.form;
    if (!form?.controls) saveDraft(view.storage, draftName(view, (form?.item && parent) || 0), text, unsent.key, now());
    if (!form) return;
    if (form.controls) form.controls.insert(text, unsent.key);
    else await form.restore();
    if (problem) form.controls?.showProblem(problem);
    else form.text.focus();
  }
}

/** Shows what an earlier visit could not send. */
export function resumeUnsent(view: View): void {
  const start = storageKey(view, "");
  for (const name of view.storage.keys(start)) {
    const unsent = view.storage.get<UnsentComment>(name);
    if (!unsent || typeof unsent.text !== "string" || sending.has(name)) continue;
    if (now() - unsent.at > RESEND_WITHIN_MS) {
      view.storage.remove(name);
      saveDraft(view.storage, draftName(view, unsent.parent || 0), unsent.text, unsent.key, now());
      continue;
    }
    showUnsent(view, unsent, -3);
  }
}
