// Optional scripts of the admin pages: keyboard shortcuts in the queue, a button that copies the embed code.
// The pages work without it. No inline event handlers; no HTML is made from text.
"use strict";

const items = [...document.querySelectorAll("[data-item]")];
const AT = "afterword-queue-at";
const OFF = "afterword-keys-off";

/** Stores a value; does nothing if the browser forbids storage. */
function remember(store, key, value) {
  try {
    if (value === null) store.removeItem(key);
    else store.setItem(key, value);
  } catch {}
}
function recall(store, key) {
  try {
    return store.getItem(key);
  } catch {
    return null;
  }
}

/** True while a decision is submitted: a second press would apply to the same comment. */
let leaving = false;
addEventListener("pageshow", () => (leaving = false));

let at = -1;
function go(to) {
  at = Math.max(0, Math.min(to, items.length - 1));
  items[at]?.focus();
  items[at]?.scrollIntoView({ block: "nearest" });
}
document.addEventListener("focusin", (event) => {
  const item = event.target.closest?.("[data-item]");
  if (item) at = items.indexOf(item);
});

/** Activates the control of a key: in the focused comment, or on the page (undo). */
function press(key) {
  const within = key === "z" ? document : items[at];
  const control = within?.querySelector(`[data-key="${key}"]`);
  if (!control) return false;
  // After the page has reloaded, the next comment has this one's position.
  if (key !== "e") remember(sessionStorage, AT, String(Math.max(at, 0)));
  control.click();
  leaving = true;
  return true;
}

let on = recall(localStorage, OFF) === null;
document.addEventListener("keydown", (event) => {
  if (!on || leaving || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  let done = false;
  if (key === "j") go(at + 1), (done = true);
  else if (key === "k") go(at - 1), (done = true);
  else if ("asdez".includes(key) && key.length === 1) done = press(key);
  if (done) event.preventDefault();
});

const help = document.querySelector("[data-keys]");
if (help && items.length) {
  const toggle = help.querySelector("[data-keys-switch]");
  const list = help.querySelector("[data-keys-list]");
  const show = () => {
    toggle.setAttribute("aria-pressed", String(on));
    toggle.textContent = on ? "Keys are on" : "Keys are off";
    list.hidden = !on;
  };
  toggle.addEventListener("click", () => {
    on = !on;
    remember(localStorage, OFF, on ? null : "1");
    show();
  });
  show();
  help.hidden = false;
}

const before = recall(sessionStorage, AT);
if (before !== null) {
  remember(sessionStorage, AT, null);
  if (items.length) go(Number(before));
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: now copy";
    }
  });
}
