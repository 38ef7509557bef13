// The object that the loader uses as its script tag where a page loaded another system's script from us.
// Must never be inserted into the page: it only holds an address and attributes.
// Next: isso-server.ts and remark-server.ts find the address; build.mjs puts them before the loader.

/** The address of our server, with a slash at the end: as the page gives it, or two folders above our own file. */
export function serverBase(configured: string | null | undefined, scriptUrl: string): string {
  const base = configured ? configured.replace(/\/*$/, "/") : "..";
  return new URL(base, configured ? document.baseURI : scriptUrl).href;
}

export interface StandIn extends HTMLElement {
  src: string;
}

/** `file`: the script of ours that runs here. */
export const standIn = (base: string): StandIn =>
  // Not in the document: what the loader inserts after it is never shown.
  Object.assign(document.createElement("afterword-script"), { src: base + "embed.js" });
