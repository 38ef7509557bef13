// Half-written texts, kept in the reader's browser with the key that makes sending them again safe.
// Must never drop a draft before the server has said yes, nor keep one past 30 days.
// Next: reader-storage.ts stores, editor.ts saves while somebody types.
import type { Keep } from "./reader-storage";

export interface Kept {
  text: string;
  /** The idempotency key: made when the form opened, the same for every try. */
  key: string;
  at: number;
  /** Of a comment that is changed: the version that this was made from. */
  version?: number;
}

const life = 30 * 86_400_000;

export function savedDraft(keep: Keep, name: string, now = Date.now()): Kept | null {
  const kept = keep.get<Kept>(name);
  if (!kept || typeof kept.text !== "string" || !(now - kept.at < life)) {
    if (kept) keep.drop(name);
    return null;
  }
  return kept;
}

export function saveDraft(keep: Keep, name: string, text: string, key: string, now = Date.now(), version?: number): void {
  if (text.trim()) keep.set(name, { text, key, at: now, version });
  else keep.drop(name);
}

/** Lets go of what nobody came back for, on any page of the site. */
export function sweepDrafts(keep: Keep, now = Date.now()): void {
  for (const name of keep.names("draft:")) savedDraft(keep, name, now);
}
