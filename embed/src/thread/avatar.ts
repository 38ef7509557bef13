// An author's avatar, drawn from a seed and an initial: a tinted disc without any request.
// Must never carry information that the name does not: it is hidden from screen readers.
// Next: style.css tints it by --hue, in the page's colours.
import { el } from "../dom/element";

/** A hue from 0 to 359, always the same for the same seed (FNV-1a, mixed once more). */
export function hueOf(seed: string): number {
  let hash = 2166136261;
  for (const letter of seed) hash = Math.imul(hash ^ letter.codePointAt(0)!, 16777619);
  // Mixed, so that seeds that differ in one letter do not look alike.
  return (Math.imul(hash ^ (hash >>> 15), 2246822519) >>> 0) % 360;
}

// A flag, a letter with its combining marks, or joined emoji. Not by Intl.Segmenter: creating a browser's first one
// takes longer than drawing a hundred comments.
const FIRST_CHARACTER = /^(\p{RI}{2}|.(\p{M}|\p{EMod}|\u200d.)*)/su;

/** The first character of a name, whole even where it has several code points. */
export function initialOf(name: string): string {
  return (FIRST_CHARACTER.exec(name.trim())?.[0] || "·").toLocaleUpperCase();
}

export function createAvatar(name: string, seed: string | null | undefined): HTMLElement {
  const disc = el("span", { class: "avatar", part: "avatar", "aria-hidden": "true" }, seed ? initialOf(name) : "");
  disc.style.setProperty("--hue", String(hueOf(seed || "")));
  return disc;
}
