// Follows the page's light or dark theme, and loads the owner's own style sheet.
// Must never send a request to a third party, and never set a colour that can be inherited.
// Next: README.md describes theme and custom-css; enhancements.css has what a theme changes.
import type { View } from "../types";

/** Marks of a dark page by generators and their themes: a class or an attribute of <html> or <body>. */
const THEME_ATTRIBUTES = [
  "class",
  "data-theme",
  "data-scheme",
  "data-mode",
  "data-color-mode",
  "data-color-scheme",
  "data-bs-theme",
  "data-md-color-scheme",
  "theme",
];

function declaredScheme(element: Element | null): string | undefined {
  for (const name of THEME_ATTRIBUTES) {
    // A whole word: “theme-dark” and “slate” (Material for MkDocs) match, “darkroom” does not.
    const words = (element?.getAttribute(name) || "").toLowerCase().split(/[\s_-]+/);
    if (words.includes("dark") || (name !== "class" && words.includes("slate"))) return "dark";
    if (words.includes("light")) return "light";
  }
  return;
}

/**
 * Without such a mark, the text colour decides: enhancements.css computes it in Oklab, whose first number is the
 * lightness.
 */
function apparentScheme(section: Element): string {
  const [, lightness = 0] = /^oklab\(([\d.e-]+)/.exec(getComputedStyle(section).outlineColor) || [];
  return +lightness > 0.64 ? "dark" : "light";
}

export function followTheme(view: View): void {
  const { host, signal } = view;
  const { section } = view.layout!;
  const apply = () => {
    const wish = host.get("theme") || "auto";
    const fixed = wish === "dark" || wish === "light";
    section.classList.toggle("own", fixed);
    const scheme = fixed
      ? wish
      : wish === "auto"
        ? declaredScheme(document.documentElement) || declaredScheme(document.body) || apparentScheme(section)
        : "";
    // A light theme sets no class: it would restyle every element in the thread. Without a mark, a page's <meta> may
    // still let the reader's system decide.
    const plain =
      scheme === "light" &&
      !fixed &&
      getComputedStyle(host).colorScheme === "normal" &&
      !document.querySelector("meta[name='color-scheme' i]");
    for (const name of ["dark", "light"]) section.classList.toggle(name, scheme === name && !plain);
  };
  apply();
  const watch = new MutationObserver(apply);
  for (const element of [document.documentElement, document.body])
    watch.observe(element, { attributeFilter: THEME_ATTRIBUTES });
  watch.observe(host, { attributeFilter: ["theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply, { signal });
  // enhancements.css starts a transition whenever the page's colours change, for as long as they fade, and an animation
  // when the thread becomes visible again.
  for (const type of ["transitionrun", "animationstart"])
    section.addEventListener(type, (event) => (event.target as Element).matches(".vh") && apply());
  signal.addEventListener("abort", () => watch.disconnect());
}

/** Loads the style sheet of custom-css into the shadow tree. Its own imports are not followed. */
export async function loadCustomCss(view: View): Promise<void> {
  const address = view.host.get("custom-css");
  if (!address) return;
  try {
    const answer = await fetch(new URL(address, document.baseURI), { signal: view.signal });
    if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(await answer.text());
    view.root.adoptedStyleSheets.push(sheet);
  } catch (thrown) {
    if (!view.signal.aborted) view.report("later", thrown);
  }
}
