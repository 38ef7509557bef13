// What the loader takes for its own script tag where a page loaded another system's script from us.
// Must never be put into the page: it is an address and a place for attributes, no more.
// Next: isso-server.ts and remark-server.ts find out the address; build.mjs puts them before the loader.

/** The address of our server, with a slash at the end: as the page says it, or two steps up from our own file. */
export function serverBase(configured: string | null | undefined, scriptUrl: string): string {
  const base = configured ? configured.replace(/\/*$/, "/") : "..";
  return new URL(base, configured ? document.baseURI : scriptUrl).href;
}

export interface StandIn extends HTMLElement {
  src: string;
}

/** `file` is the script of ours whose work is done here. */
export const standIn = (base: string): StandIn =>
  // Not in the document: what the loader would put after it goes nowhere.
  Object.assign(document.createElement("afterword-script"), { src: base + "embed.js" });
