// The Markdown toolbar of an editor and its keyboard shortcuts.
// Must never change a text in another way than typing does, so that the browser's own undo works.
// Next: editor.ts inserts the toolbar.
import { el, icon } from "../dom/element";
import type { View } from "../types";
import type { MessageKey } from "../i18n/messages";

/** Replaces a range of the text as if it had been typed. */
export function replaceRange(text: HTMLTextAreaElement, from: number, to: number, value: string): void {
  text.focus();
  text.setSelectionRange(from, to);
  // execCommand is deprecated, and still the only API that keeps the undo history.
  if (document.execCommand(value ? "insertText" : "delete", false, value)) return;
  text.setRangeText(value, from, to, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Puts a marker on both sides of the selection, or removes it where it is there already. */
function toggleMark(text: HTMLTextAreaElement, mark: string): void {
  const { value, selectionStart: from, selectionEnd: to } = text;
  const n = mark.length;
  const inner = value.slice(from, to);
  const there = value.slice(from - n, from) === mark && value.slice(to, to + n) === mark;
  replaceRange(text, there ? from - n : from, there ? to + n : to, there ? inner : mark + inner + mark);
  const start = there ? from - n : from + n;
  text.setSelectionRange(start, start + inner.length);
}

function link(text: HTMLTextAreaElement): void {
  const { selectionStart: from, selectionEnd: to } = text;
  const inner = text.value.slice(from, to);
  const address = /^https?:\/\/\S+$/.test(inner);
  replaceRange(text, from, to, address ? `[](${inner})` : `[${inner}](https://)`);
  // Selects the placeholder that is left to fill in: the text, or the address.
  if (address) text.setSelectionRange(from + 1, from + 1);
  else text.setSelectionRange(from + inner.length + 3, from + inner.length + 11);
}

/** Adds a prefix to every line that the selection touches. */
export function asQuotation(lines: string): string {
  return lines.trim().replace(/^/gm, "> ");
}

function quote(text: HTMLTextAreaElement): void {
  const { value, selectionStart, selectionEnd: to } = text;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  replaceRange(text, from, to, value.slice(from, to).replace(/^/gm, "> "));
}

function code(text: HTMLTextAreaElement): void {
  const { value, selectionStart: from, selectionEnd: to } = text;
  const inner = value.slice(from, to);
  if (inner.includes("\n")) replaceRange(text, from, to, "```\n" + inner + "\n```");
  else toggleMark(text, "`");
}

/** The tools by message key: action, icon and shortcut. */
const TOOLS: [MessageKey, (text: HTMLTextAreaElement) => void, string, string][] = [
  [
    "write.bold",
    (text) => toggleMark(text, "**"),
    "M4.5 8h4.25a2.75 2.75 0 0 0 0-5.5H4.5v11h5a2.75 2.75 0 0 0 0-5.5",
    "b",
  ],
  ["write.italic", (text) => toggleMark(text, "*"), "M6.5 2.5h5M4.5 13.5h5M9.5 2.5l-3 11", "i"],
  [
    "write.link",
    link,
    "M7 9a2.8 2.8 0 0 0 4 0l2-2a2.8 2.8 0 0 0-4-4l-.8.8M9 7a2.8 2.8 0 0 0-4 0L3 9a2.8 2.8 0 0 0 4 4l.8-.8",
    "k",
  ],
  ["write.code", code, "M5.5 4 1.5 8l4 4M10.5 4l4 4-4 4", ""],
  ["quote", quote, "M2.5 3v10M6 5h8M6 8h8M6 11h5", ""],
];

const IS_APPLE = /Mac|iP/.test(navigator.platform);

export function createToolbar(view: View, text: HTMLTextAreaElement, label: string): HTMLElement {
  const { say } = view.messages;
  const buttons = TOOLS.map(([word, act, path, key], n) => {
    const shortcut = key && (IS_APPLE ? "⌘" : "Ctrl+") + key.toUpperCase();
    const button = el("button", {
      type: "button",
      class: "act",
      part: "action",
      tabindex: n ? -1 : 0,
      title: say(word) + (shortcut && ` (${shortcut})`),
      "aria-label": say(word),
      "aria-keyshortcuts": key && `${IS_APPLE ? "Meta" : "Control"}+${key.toUpperCase()}`,
      // The text keeps the focus, and a phone its keyboard.
      mousedown: (event: Event) => event.preventDefault(),
      click: () => text.readOnly || act(text),
    });
    button.append(icon(path));
    return button;
  });
  const bar = el(
    "div",
    { class: "tools", role: "toolbar", part: "toolbar", "aria-label": label, "aria-controls": text.id },
    ...buttons,
  );
  // One tab stop, arrow keys within (WAI-ARIA, toolbar).
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(view.root.activeElement as HTMLButtonElement);
    const step = view.messages.direction === "rtl" ? -1 : 1;
    const to = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length]!;
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.shiftKey || event.altKey || !(IS_APPLE ? event.metaKey : event.ctrlKey)) return;
    const found = TOOLS.find(([, , , key]) => key && key === event.key.toLowerCase());
    if (!found || text.readOnly) return;
    event.preventDefault();
    found[1](text);
  });
  return bar;
}
