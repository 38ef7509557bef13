// Replaces Isso's script, at the same address: a page made for Isso changes one host name and has our thread.
// Must never need anything of the page that Isso does not, nor throw where Isso does not.
// Next: isso-settings.ts reads the page, loader.ts defines our element, isso-server.ts finds the server.
import "../loader";
import { base } from "./isso-server";
import { fillCounts } from "./isso-counts";
import { attributes, readSettings } from "./isso-settings";
import { onDomReady } from "./dom-ready";

interface Thread extends HTMLElement {
  load(): void;
}

/**
 * Puts our element into #isso-thread, or updates the attributes of the one that is there. Returns it if nothing
 * changed.
 */
function mount(): Thread | undefined {
  const container = document.getElementById("isso-thread");
  if (!container) return;
  const there = container.querySelector<Thread>("afterword-thread");
  const element = there || document.createElement("afterword-thread");
  const set = readSettings();
  const wanted: Record<string, string> = { site: "_", ...attributes(set, container) };
  let changed = !there;
  for (const name of ["page-url", "page-id"]) if (!wanted[name]) element.removeAttribute(name);
  for (const name in wanted) {
    changed ||= element.getAttribute(name) !== wanted[name];
    element.setAttribute(name, wanted[name]!);
  }
  if (!there) container.append(element);
  hide("avatar", set.avatar === "false");
  hide("vote", set.vote === "false");
  return changed ? undefined : (element as Thread);
}

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets.push(sheet);

/** A feature that owners could switch off in Isso is a part of our thread. */
function hide(part: string, off: boolean): void {
  const rule = `afterword-thread::part(${part}){display:none}`;
  if (off && ![...sheet.cssRules].some((one) => one.cssText.includes(`(${part})`))) sheet.insertRule(rule);
}

/** A caller that has changed the page expects the comments of the new one. */
function init(): void {
  fillCounts(base);
  mount();
}

/** Reloads the thread if it was loaded; else it loads when a reader comes near. */
function fetchComments(): void {
  const same = mount();
  if (same?.hasAttribute("state")) same.load();
}

Object.assign(window, { Isso: { init, fetchComments } });
onDomReady(init);
