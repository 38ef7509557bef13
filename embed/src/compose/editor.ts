// What every form has in common: draft, key, preview, sending, and what is shown when it does not work.
// Must never lose a text, never send one twice under two keys, never take a key press from an input method.
// Next: post-form.ts and own-comments.ts use it; drafts.ts keeps the text, toolbar.ts has the tools.
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { growAll } from "../thread/safe-tree";
import { secret } from "../storage/reader-storage";
import type { Form, View } from "../types";
import { saveDraft, savedDraft } from "../storage/drafts";
import type { Problem } from "../api/errors";
import { length } from "./text-length";
import { tools } from "./toolbar";
import { render } from "./write-api";
import type { Word } from "../i18n/messages";

export interface Task {
  node: HTMLFormElement;
  text: HTMLTextAreaElement;
  draft: string;
  /** The word on the button. */
  label: Word;
  /** Stands between the text and the buttons. */
  extra: Node[];
  fields: Record<string, HTMLInputElement | HTMLTextAreaElement>;
  /** Of a comment that is changed: the version that the text was made from. */
  version?(): number | undefined;
  check(): Problem | null;
  /** Sends; done when the text is safe: taken by the server, or waiting in the outbox. */
  send(text: string, key: string): Promise<void>;
  cancel: (() => void) | null;
}

export function editor(view: View, task: Task): NonNullable<Form["controls"]> {
  const { say } = view.words;
  const { node, text, fields } = task;
  const kept = savedDraft(view.keep, task.draft, now());
  let key = kept?.key || secret();
  if (kept && !text.value) text.value = kept.text;
  let busy = false;
  let timer: ReturnType<typeof setTimeout>;

  const post = el("button", { class: "button primary", part: "button primary" }, say(task.label));
  const show = el("button", { type: "button", class: "button", part: "button", click: preview }, say("write.preview"));
  const error = el("p", { class: "error", part: "error", hidden: true });
  const left = el("span", { class: "quiet", "aria-live": "polite" });
  const shown = el("div", { class: "preview body", part: "preview body", role: "region", "aria-label": say("write.preview"), dir: "auto", lang: view.language, hidden: true });
  const cancel = task.cancel && el("button", { type: "button", class: "button", part: "button", click: task.cancel }, say("write.cancel"));
  node.querySelector(".error")?.remove();
  node.append(tools(view, text, node.querySelector("label")!.textContent!), shown, ...task.extra, error, el("div", { class: "row" }, post, show, cancel, left));
  node.classList.add("open");

  const save = () => {
    clearTimeout(timer);
    // A form that was closed has nothing to say any more: its text was sent, given up or kept.
    if (view.root.contains(node)) saveDraft(view.keep, task.draft, text.value, key, now(), task.version?.());
  };
  const measure = () => {
    const most = view.site.max_text;
    const near = text.value.length > most * 0.9;
    const rest = near ? most - length(text.value) : 0;
    left.textContent = rest < 0 ? view.words.say("write.e.long", { count: view.words.number(most) }) : near ? view.words.count("write.left", rest) : "";
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = text.scrollHeight + 2 + "px";
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 400);
    shown.hidden = true;
    measure();
  });
  node.addEventListener("focusout", save);
  addEventListener("pagehide", save, { signal: view.gone });
  // Not every browser says that what is taken out of the page loses the focus.
  view.gone.addEventListener("abort", save);
  node.addEventListener("submit", send);
  node.addEventListener("keydown", (event) => {
    // Enter and Escape first belong to an input method; WebKit says so only by 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape" && task.cancel && !text.value.trim()) task.cancel();
  });
  measure();
  return { take, blame };

  /** A text that was sent once, with its key, after what stands here already. */
  function take(more: string, its: string): void {
    text.value = [text.value.trimEnd(), more].filter(Boolean).join("\n\n");
    key = its;
    save();
    measure();
  }

  async function send(): Promise<void> {
    if (busy) return;
    clear();
    const amiss = task.check();
    if (amiss) return blame(amiss);
    save();
    hold(true, say("write.sending"));
    try {
      await task.send(text.value, key);
      clearTimeout(timer);
      view.keep.drop(task.draft);
      key = secret();
      hold(false, say(task.label));
      measure();
    } catch (thrown) {
      hold(false, say(task.label));
      blame(view.failed(task.label.slice(6), thrown));
    }
  }

  /** While something is on its way, the text cannot change under it. */
  function hold(on: boolean, label: string): void {
    busy = on;
    text.readOnly = on;
    post.ariaDisabled = on ? "true" : null;
    post.textContent = label;
  }

  function clear(): void {
    error.hidden = true;
    for (const field of Object.values(fields)) {
      field.removeAttribute("aria-invalid");
      const note = view.root.getElementById(field.id + "-error");
      if (note) note.textContent = "";
    }
  }

  function blame(problem: Problem): void {
    if (problem.code === "aborted") return;
    const words = problem.told || view.explain(problem);
    const field = problem.field ? fields[problem.field] : undefined;
    if (problem.code === "network") post.textContent = say("retry");
    if (problem.code === "key_reused") {
      key = secret();
      save();
    }
    if (problem.wait) wait(problem.wait);
    let place = error;
    if (field) {
      const id = field.id + "-error";
      place = (view.root.getElementById(id) as HTMLParagraphElement) || el("p", { id, class: "error", part: "error" });
      field.after(place);
      field.closest("[hidden]")?.removeAttribute("hidden");
      field.ariaInvalid = "true";
      const hints = new Set([id, ...(field.getAttribute("aria-describedby") || "").split(" ")]);
      field.setAttribute("aria-describedby", [...hints].join(" ").trim());
      field.focus();
    }
    place.textContent = words;
    place.hidden = false;
    view.alert(words);
  }

  /** Counts down on the button, then lets it be pressed again. */
  function wait(seconds: number): void {
    const end = performance.now() + seconds * 1000;
    const step = () => {
      const rest = Math.ceil((end - performance.now()) / 1000);
      const over = rest <= 0 || view.gone.aborted || !node.isConnected;
      hold(!over, over ? say(task.label) : say("write.wait", { count: rest }));
      text.readOnly = false;
      if (over) error.hidden = true;
      else setTimeout(step, 500);
    };
    step();
  }

  async function preview(): Promise<void> {
    if (!text.value.trim()) return text.focus();
    clear();
    try {
      const { body } = await render(view, text.value);
      shown.replaceChildren(...growAll(body));
      shown.hidden = false;
      view.say(say("write.preview"));
    } catch (thrown) {
      blame(view.failed("preview", thrown));
    }
  }
}
