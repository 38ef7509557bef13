// Light or dark, as the page says or shows it, and the owner's own style sheet.
// Must never ask a third party, and never colour what can inherit its colour.
// Next: README.md describes theme and custom-css; later.css has what a theme changes.
import type { View } from "./core.js";

/** How generators and their themes say that the page is dark: by a class or an attribute of <html> or <body>. */
const attributes = ["class", "data-theme", "data-scheme", "data-mode", "data-color-mode", "data-color-scheme", "data-bs-theme", "data-md-color-scheme", "theme"];

function told(element: Element | null): string | undefined {
  for (const name of attributes) {
    // A whole word of it: “theme-dark”, “slate” (Material for MkDocs), but not “darkroom”.
    const words = (element?.getAttribute(name) || "").toLowerCase().split(/[\s_-]+/);
    if (words.includes("dark") || (name !== "class" && words.includes("slate"))) return "dark";
    if (words.includes("light")) return "light";
  }
  return;
}

/** Where nothing is said, the colour of the text tells. */
function seen(host: Element): string {
  const [red = 0, green = 0, blue = 0] = (/^rgb/.test(getComputedStyle(host).color) && getComputedStyle(host).color.match(/[\d.]+/g)?.map(Number)) || [];
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "dark" : "light";
}

export function theme(view: View): void {
  const { host, gone } = view;
  const { section } = view.frame!;
  const apply = () => {
    const wish = host.get("theme") || "auto";
    const fixed = wish === "dark" || wish === "light";
    section.classList.toggle("own", fixed);
    const scheme = fixed ? wish : wish === "auto" ? told(document.documentElement) || told(document.body) || seen(host) : "";
    // What is light anyway is not told so: every element in it would be styled anew.
    const plain = scheme === "light" && !fixed && getComputedStyle(host).colorScheme === "normal";
    for (const name of ["dark", "light"]) section.classList.toggle(name, scheme === name && !plain);
  };
  apply();
  // Some toggles fade the colours: look again when that is over.
  let timer: ReturnType<typeof setTimeout>;
  const again = () => {
    apply();
    clearTimeout(timer);
    timer = setTimeout(apply, 600);
  };
  const watch = new MutationObserver(again);
  for (const element of [document.documentElement, document.body]) watch.observe(element, { attributeFilter: attributes });
  watch.observe(host, { attributeFilter: ["theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again, { signal: gone });
  gone.addEventListener("abort", () => watch.disconnect());
}

/** The style sheet that custom-css names, into the shadow tree; its own imports are not followed. */
export async function ownStyle(view: View): Promise<void> {
  const address = view.host.get("custom-css");
  if (!address) return;
  try {
    const answer = await fetch(new URL(address, document.baseURI), { signal: view.gone });
    if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(await answer.text());
    view.root.adoptedStyleSheets.push(sheet);
  } catch (thrown) {
    if (!view.gone.aborted) view.failed("later", thrown);
  }
}
