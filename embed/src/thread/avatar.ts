// An author's avatar, drawn from a seed and an initial: a tinted disc without any request.
// Must never say anything that the name does not: it is hidden from screen readers.
// Next: style.css tints it by --hue, in whatever colours the page has.
import { el } from "../dom/element";

/** 0 to 359, the same for the same seed (FNV-1a, stirred). */
export function hueOf(seed: string): number {
  let hash = 2166136261;
  for (const letter of seed) hash = Math.imul(hash ^ letter.codePointAt(0)!, 16777619);
  // Seeds that differ in one letter should not look alike.
  return (Math.imul(hash ^ (hash >>> 15), 2246822519) >>> 0) % 360;
}

// A flag, or a letter with its marks, or pictures that are joined. Not by Intl.Segmenter: a browser's first one takes
// longer than drawing a hundred comments.
const FIRST_CHARACTER = /^(\p{RI}{2}|.(\p{M}|\p{EMod}|\u200d.)*)/su;

/** The first letter of a name, whole even where it takes several code points. */
export function initialOf(name: string): string {
  return (FIRST_CHARACTER.exec(name.trim())?.[0] || "·").toLocaleUpperCase();
}

export function createAvatar(name: string, seed: string | null | undefined): HTMLElement {
  const disc = el("span", { class: "avatar", part: "avatar", "aria-hidden": "true" }, seed ? initialOf(name) : "");
  disc.style.setProperty("--hue", String(hueOf(seed || "")));
  return disc;
}
