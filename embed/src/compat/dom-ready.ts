// Runs a function when the page's own mark-up is parsed.
// Must never run anything twice. Next: isso.ts, remark42.ts
export function onDomReady(begin: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
}
