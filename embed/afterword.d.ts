/**
 * What a page may do with Afterword's elements: attributes, methods and events, for TypeScript and editors.
 * README.md tells what each does; a test holds both, and the sources, to the same names.
 */

/** An order of the thread's comments. */
export type AfterwordSort = "oldest" | "newest" | "best" | "replies";

/** Attributes of `<afterword-thread>`; with `data-` before the name, of the script for every thread of the page. */
export interface AfterwordThreadAttributes {
  site?: string;
  "page-id"?: string;
  "page-url"?: string;
  "page-title"?: string;
  sort?: AfterwordSort;
  lang?: string;
  loading?: "lazy" | "eager" | "manual";
  "heading-level"?: 1 | 2 | 3 | 4 | 5 | `${1 | 2 | 3 | 4 | 5}`;
  theme?: "auto" | "light" | "dark" | "inherit";
  "custom-css"?: string;
  render?: "shadow" | "light";
}

/** Attributes of `<afterword-count>`; the phrases are by plural category, with `{count}` in them. */
export interface AfterwordCountAttributes {
  "page-url"?: string;
  "page-id"?: string;
  zero?: string;
  one?: string;
  two?: string;
  few?: string;
  many?: string;
  other?: string;
}

/** Attributes of `<afterword-recent>`. */
export interface AfterwordRecentAttributes {
  site?: string;
  limit?: number | `${number}`;
  lang?: string;
}

/** `<afterword-recent>` */
export interface AfterwordRecentElement extends HTMLElement {
  /** Asks for the newest comments again. */
  load(): Promise<void>;
}

/** `<afterword-thread>` */
export interface AfterwordThreadElement extends HTMLElement {
  /** Loads the thread, or loads it again. */
  load(): void;
  /** Shows one comment, fetching its conversation if need be. There once `afterword:ready` was fired. */
  goto?(id: number): void;
}

/** A failure that readers were told of. */
export interface AfterwordFailure {
  action: "load" | "link" | "open" | "own" | "post" | "save" | "delete" | "vote" | "preview" | "later";
  /** One of the API's codes, or `network`. */
  code: string;
}

/** The `detail` of each event, by its name. */
export interface AfterwordEvents {
  "afterword:ready": Record<string, never>;
  "afterword:loaded": { count: number };
  /** Before a comment is sent; `preventDefault()` stops it. */
  "afterword:before-submit": { parent: number | null; text: string; name: string };
  "afterword:posted": { id: number; parent: number | null; status: "approved" | "held" };
  "afterword:edited": { id: number; status: "approved" | "held" };
  "afterword:deleted": { id: number };
  "afterword:voted": { id: number; value: 1 | 0 | -1 };
  "afterword:failed": AfterwordFailure;
}

type AfterwordEventMap = { [Name in keyof AfterwordEvents]: CustomEvent<AfterwordEvents[Name]> };

declare global {
  interface HTMLElementTagNameMap {
    "afterword-thread": AfterwordThreadElement;
    "afterword-recent": AfterwordRecentElement;
  }
  interface HTMLElementEventMap extends AfterwordEventMap {}
  interface DocumentEventMap extends AfterwordEventMap {}
}
