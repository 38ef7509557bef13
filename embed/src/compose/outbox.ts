// Comments that were written but not yet taken by the server: they stand in their place, and go as soon as they can.
// Must never send one under a second key, and never lose one: what the server refuses goes back into its form.
// Next: post-form.ts fills it, write-api.ts sends.
import { Problem } from "../api/errors";
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { recount } from "../thread/layout";
import { add } from "../thread/list";
import { draftName, toggleReply } from "../thread/comment-form";
import type { Item, View } from "../types";
import { saveDraft } from "../storage/drafts";
import { reveal } from "../thread/permalink.js";
import { post } from "./write-api";
import type { Draft, PostAnswer } from "../api/api-types";

export interface Unsent extends Draft {
  title: string;
  /** When it was written, in milliseconds. */
  at: number;
}

/** The server knows a key for a week: what is older might come twice, and goes back into its form. */
const safe = 6 * 86_400_000;
const first = 4_000;
const most = 120_000;

const nameOf = (view: View, key: string): string => `out:${view.pageKey}:${key}`;
/** What stands in each thread, by key, with the way to take it out; and what is on its way. */
const boxes = new WeakMap<View, Map<string, { box: HTMLElement; end(): void }>>();
const busy = new Set<string>();

/** Sends a comment; kept before it is known to have arrived, so that it outlives the page. */
export async function send(view: View, unsent: Unsent): Promise<PostAnswer> {
  const name = nameOf(view, unsent.key);
  view.keep.set(name, unsent);
  busy.add(name);
  try {
    const { title, at, ...draft } = unsent;
    const answer = await post(view, draft, title);
    view.keep.drop(name);
    return answer;
  } catch (thrown) {
    if (!(thrown instanceof Problem) || !/^(network|aborted)$/.test(thrown.code)) view.keep.drop(name);
    throw thrown;
  } finally {
    busy.delete(name);
  }
}

/** Shows the comment where it belongs, as its author's own. */
export function arrived(view: View, { comment, token, edit_until: until }: PostAnswer, text: string): Item {
  view.keep.claim({ id: comment.id, token, page: view.pageKey, until });
  view.own.set(comment.id, { token, text, until, version: comment.version });
  const fresh = !view.items.has(comment.id);
  const held = comment.status === "held";
  const posted = add(view, comment, view.items.get(comment.parent!) || null);
  if (!held && fresh) recount(view, 1);
  view.say(view.words.say(held ? "held" : "write.posted"));
  view.fire("posted", { id: comment.id, parent: comment.parent, status: comment.status });
  return posted;
}

/** Shows what could not be sent, and tries again by itself: more and more seldom, and when the connection is back. */
export function waitFor(view: View, unsent: Unsent, tries = 0): void {
  const { say } = view.words;
  const name = nameOf(view, unsent.key);
  const { text, parent } = unsent;
  const all = boxes.get(view) || boxes.set(view, new Map()).get(view)!;
  all.get(unsent.key)?.end();
  let timer: ReturnType<typeof setTimeout>;

  const again = el("button", { type: "button", class: "button", part: "button", click: () => attempt() }, say("retry"));
  const change = el("button", { type: "button", class: "button", part: "button", click: () => takeBack() }, say("edit"));
  const box = el("div", { class: "waiting", part: "waiting" }, el("p", { class: "said", dir: "auto" }, text), el("p", { class: "quiet" }, say("write.waiting")), el("div", { class: "row" }, again, change));
  const above = view.items.get(parent!)?.article || view.frame!.form?.node;
  if (above) above.after(box);
  else view.frame!.list.before(box);

  const done = new AbortController();
  const end = () => {
    done.abort();
    clearTimeout(timer);
    all.delete(unsent.key);
    box.remove();
  };
  all.set(unsent.key, { box, end });
  view.gone.addEventListener("abort", end, { signal: done.signal });
  addEventListener("online", () => attempt(), { signal: done.signal });
  timer = setTimeout(attempt, Math.min(most, first * 2 ** tries) * (0.8 + Math.random() * 0.4));

  async function attempt(): Promise<void> {
    if (again.ariaDisabled || busy.has(name)) return;
    // Another tab has sent it, or taken it back.
    if (!view.keep.get(name)) return end();
    again.ariaDisabled = "true";
    clearTimeout(timer);
    const focused = box.contains(view.root.activeElement);
    try {
      const answer = await send(view, unsent);
      end();
      const posted = arrived(view, answer, text);
      // Who reads something else meanwhile is left where they are.
      if (focused) reveal(posted, "nearest");
    } catch (thrown) {
      const problem = view.failed("post", thrown);
      if (problem.code === "aborted") return;
      if (problem.code !== "network" && !problem.wait) return takeBack(problem);
      // A busy server is no refusal; it says when it has time.
      view.keep.set(name, unsent);
      end();
      waitFor(view, unsent, tries + 1);
      if (focused) all.get(unsent.key)?.box.querySelector("button")?.focus();
    }
  }

  /** Into its form again, with its key: if it was received after all, the server says so. */
  async function takeBack(problem?: Problem): Promise<void> {
    const focused = !problem || box.contains(view.root.activeElement);
    end();
    view.keep.drop(name);
    const item = view.items.get(parent!);
    const button = item?.article.querySelector<HTMLElement>("[part~=reply]");
    if (item && button && !item.form) toggleReply(view, item, button, focused);
    const form = item?.form || view.frame!.form;
    if (!form?.controls) saveDraft(view.keep, draftName(view, (form?.item && parent) || 0), text, unsent.key, now());
    if (!form) return;
    if (form.controls) form.controls.take(text, unsent.key);
    else await form.restore();
    if (problem) form.controls?.blame(problem);
    else form.text.focus();
  }
}

/** What an earlier visit could not send. */
export function resume(view: View): void {
  const start = nameOf(view, "");
  for (const name of view.keep.names(start)) {
    const unsent = view.keep.get<Unsent>(name);
    if (!unsent || typeof unsent.text !== "string" || busy.has(name)) continue;
    if (now() - unsent.at > safe) {
      view.keep.drop(name);
      saveDraft(view.keep, draftName(view, unsent.parent || 0), unsent.text, unsent.key, now());
      continue;
    }
    waitFor(view, unsent, -3);
  }
}
