// Draws the thread without a shadow root (render="light"), so that every rule of the owner's style sheet reaches it.
// Must never let a rule of ours out of <afterword-thread>, and never be loaded without render="light".
// Next: thread-view.ts draws into the root that is returned here, as it does into a shadow root.

/**
 * Our rules, scoped to the element: `:host` becomes the element itself. They lose against unscoped rules of the same
 * specificity.
 */
function scopeTo(rules: string): string {
  const inside = rules.replace(/:host\((.*?)\)/g, ":scope$1").replace(/:host\b/g, ":scope");
  return `@scope (afterword-thread) {${inside}}`;
}

/** An element inside the host with all the members of a shadow root that thread-view.ts and composer.ts use. */
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
  // The owner's own content stays visible until the thread is drawn, as it does in a slot.
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

/** All threads of a page share their style sheets: each is rewritten once. */
const scopedSheets = new WeakMap<CSSStyleSheet, CSSStyleSheet>();
