// Draws the thread without a shadow root, for owners who want every rule of their style sheet to reach it
// (render="light").
// Must never let a rule of ours out of <afterword-thread>, and never be loaded where nobody asked for it.
// Next: thread-view.ts draws into what this gives, as it would into a shadow root.

/**
 * Our rules, kept inside the element: `:host` is the element itself there. Loses against unscoped rules of the same
 * weight.
 */
function scopeTo(rules: string): string {
  const inside = rules.replace(/:host\((.*?)\)/g, ":scope$1").replace(/:host\b/g, ":scope");
  return `@scope (afterword-thread) {${inside}}`;
}

/** A box inside the element that answers to all that thread-view.ts and composer.ts want of a shadow root. */
export function lightRoot(host: HTMLElement): ShadowRoot {
  const box = host.querySelector<HTMLElement>(":scope > .afterword-light") || document.createElement("div");
  box.className = "afterword-light";
  host.append(box);
  const sheets: CSSStyleSheet[] = [];
  const adopt = (sheet: CSSStyleSheet): void => {
    const copy = scopedSheets.get(sheet) || new CSSStyleSheet();
    if (!scopedSheets.has(sheet)) copy.replaceSync(scopeTo([...sheet.cssRules].map((rule) => rule.cssText).join("\n")));
    scopedSheets.set(sheet, copy);
    if (!document.adoptedStyleSheets.includes(copy)) document.adoptedStyleSheets.push(copy);
  };
  sheets.push = (...more) => {
    more.forEach(adopt);
    return Array.prototype.push.apply(sheets, more);
  };
  // What the owner put inside is shown until there is something better, as a slot would do it.
  new MutationObserver(() => {
    const waiting = !!box.querySelector(":scope > slot");
    for (const child of host.children) if (child !== box) (child as HTMLElement).hidden = !waiting;
  }).observe(box, { childList: true });
  return Object.defineProperties(box, {
    adoptedStyleSheets: {
      get: () => sheets,
      set: (list: CSSStyleSheet[]) => {
        sheets.length = 0;
        sheets.push(...list);
      },
      configurable: true,
    },
    getElementById: { value: (id: string) => box.querySelector("#" + CSS.escape(id)), configurable: true },
    activeElement: {
      get: () => (box.contains(document.activeElement) ? document.activeElement : null),
      configurable: true,
    },
  }) as unknown as ShadowRoot;
}

/** Sheets are shared by all threads of a page: each is rewritten once. */
const scopedSheets = new WeakMap<CSSStyleSheet, CSSStyleSheet>();
