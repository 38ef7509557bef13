// Finds our server on a page that was made for Isso: by data-isso on any script, else by the address of this file.
// Must never run after the loader, which reads the tag that is created here.
// Next: isso.ts mounts the thread.
import { serverBase, standIn } from "./stand-in";

const { currentScript } = document;
const configured = document.querySelector("script[data-isso]")?.getAttribute("data-isso");

/** With a slash at the end. */
export const base = serverBase(configured, (currentScript as HTMLScriptElement).src);
export const ownScript = standIn(base);
