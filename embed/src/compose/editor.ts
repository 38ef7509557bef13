// The editor that new comments and edits share: draft, idempotency key, preview, sending, error messages.
// Must never lose a text, never send one under two keys, never take a key press from an input method.
// Next: post-form.ts and own-comments.ts use it; drafts.ts keeps the text, toolbar.ts has the tools.
import { now } from "../dom/clock";
import { el } from "../dom/element";
import { renderTree } from "../thread/safe-tree";
import { randomToken } from "../storage/reader-storage";
import type { CommentForm, View } from "../types";
import { saveDraft, loadDraft } from "../storage/drafts";
import type { Problem } from "../api/errors";
import { textLength } from "./text-length";
import { createToolbar } from "./toolbar";
import { renderPreview } from "./write-api";
import type { MessageKey } from "../i18n/messages";

export interface EditorOptions {
  node: HTMLFormElement;
  text: HTMLTextAreaElement;
  draft: string;
  /** The label of the submit button. */
  label: MessageKey;
  /** Placed between the text and the buttons. */
  extra: Node[];
  fields: Record<string, HTMLInputElement | HTMLTextAreaElement>;
  /** For an edit: the version of the comment that the text is based on. */
  version?(): number | undefined;
  check(): Problem | null;
  /** Sends; resolves when the text is safe: accepted by the server, or in the outbox. */
  send(text: string, key: string): Promise<void>;
  cancel: (() => void) | null;
}

export function openEditor(view: View, options: EditorOptions): NonNullable<CommentForm["controls"]> {
  const { say } = view.messages;
  const { node, text, fields } = options;
  const kept = loadDraft(view.storage, options.draft, now());
  let key = kept?.key || randomToken();
  if (kept && !text.value) text.value = kept.text;
  let busy = false;
  let timer: ReturnType<typeof setTimeout>;

  const post = el("button", { class: "button primary", part: "button primary" }, say(options.label));
  const show = el("button", { type: "button", class: "button", part: "button", click: preview }, say("write.preview"));
  const error = el("p", { class: "error", part: "error", hidden: true });
  const counter = el("span", { class: "quiet", "aria-live": "polite" });
  const previewBox = el("div", {
    class: "preview body",
    part: "preview body",
    role: "region",
    "aria-label": say("write.preview"),
    dir: "auto",
    lang: view.language,
    hidden: true,
  });
  const cancel =
    options.cancel &&
    el("button", { type: "button", class: "button", part: "button", click: options.cancel }, say("write.cancel"));
  node.querySelector(".error")?.remove();
  node.append(
    createToolbar(view, text, node.querySelector("label")!.textContent!),
    previewBox,
    ...options.extra,
    error,
    el("div", { class: "row" }, post, show, cancel, counter),
  );
  node.classList.add("open");

  const save = () => {
    clearTimeout(timer);
    // A closed form shows nothing more: its text was sent, discarded or stored.
    if (view.root.contains(node)) saveDraft(view.storage, options.draft, text.value, key, now(), options.version?.());
  };
  const updateLength = () => {
    const max = view.site.max_text;
    const near = text.value.length > max * 0.9;
    const remaining = near ? max - textLength(text.value) : 0;
    counter.textContent =
      remaining < 0
        ? view.messages.say("write.e.long", { count: view.messages.formatNumber(max) })
        : near
          ? view.messages.count("write.left", remaining)
          : "";
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = text.scrollHeight + 2 + "px";
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 400);
    previewBox.hidden = true;
    updateLength();
  });
  node.addEventListener("focusout", save);
  addEventListener("pagehide", save, { signal: view.signal });
  // Not every browser fires blur when an element is removed.
  view.signal.addEventListener("abort", save);
  node.addEventListener("submit", send);
  node.addEventListener("keydown", (event) => {
    // Enter and Escape belong to an open input method; WebKit reports it only by keyCode 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape" && options.cancel && !text.value.trim()) options.cancel();
  });
  updateLength();
  return { insert, showProblem };

  /** Adds a text that was sent once, with its key, after the text that is here already. */
  function insert(more: string, itsKey: string): void {
    text.value = [text.value.trimEnd(), more].filter(Boolean).join("\n\n");
    key = itsKey;
    save();
    updateLength();
  }

  async function send(): Promise<void> {
    if (busy) return;
    clearProblems();
    const problem = options.check();
    if (problem) return showProblem(problem);
    save();
    setBusy(true, say("write.sending"));
    try {
      await options.send(text.value, key);
      clearTimeout(timer);
      view.storage.remove(options.draft);
      key = randomToken();
      setBusy(false, say(options.label));
      updateLength();
    } catch (thrown) {
      setBusy(false, say(options.label));
      showProblem(view.report(options.label.slice(6), thrown));
    }
  }

  /** The text cannot change while a request is running. */
  function setBusy(on: boolean, label: string): void {
    busy = on;
    text.readOnly = on;
    post.ariaDisabled = on ? "true" : null;
    post.textContent = label;
  }

  function clearProblems(): void {
    error.hidden = true;
    for (const field of Object.values(fields)) {
      field.removeAttribute("aria-invalid");
      const note = view.root.getElementById(field.id + "-error");
      if (note) note.textContent = "";
    }
  }

  function showProblem(problem: Problem): void {
    if (problem.code === "aborted") return;
    const message = problem.told || view.errorMessage(problem);
    const field = problem.field ? fields[problem.field] : undefined;
    if (problem.code === "network") post.textContent = say("retry");
    if (problem.code === "key_reused") {
      key = randomToken();
      save();
    }
    if (problem.retryAfter) countDown(problem.retryAfter);
    let target = error;
    if (field) {
      const id = field.id + "-error";
      target = (view.root.getElementById(id) as HTMLParagraphElement) || el("p", { id, class: "error", part: "error" });
      field.after(target);
      field.closest("[hidden]")?.removeAttribute("hidden");
      field.ariaInvalid = "true";
      const hints = new Set([id, ...(field.getAttribute("aria-describedby") || "").split(" ")]);
      field.setAttribute("aria-describedby", [...hints].join(" ").trim());
      field.focus();
    }
    target.textContent = message;
    target.hidden = false;
    view.alert(message);
  }

  /** Counts down on the button, then enables it again. */
  function countDown(seconds: number): void {
    const end = performance.now() + seconds * 1000;
    const step = () => {
      const remaining = Math.ceil((end - performance.now()) / 1000);
      const over = remaining <= 0 || view.signal.aborted || !node.isConnected;
      setBusy(!over, over ? say(options.label) : say("write.wait", { count: remaining }));
      text.readOnly = false;
      if (over) error.hidden = true;
      else setTimeout(step, 500);
    };
    step();
  }

  async function preview(): Promise<void> {
    if (!text.value.trim()) return text.focus();
    clearProblems();
    try {
      const { body } = await renderPreview(view, text.value);
      previewBox.replaceChildren(...renderTree(body));
      previewBox.hidden = false;
      view.announce(say("write.preview"));
    } catch (thrown) {
      showProblem(view.report("preview", thrown));
    }
  }
}
