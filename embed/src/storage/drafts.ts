// Drafts in the reader's browser, each with the idempotency key that makes sending it again safe.
// Must never drop a draft before the server has accepted it, nor keep one past 30 days.
// Next: reader-storage.ts stores, editor.ts saves during typing.
import type { ReaderStorage } from "./reader-storage";

export interface SavedDraft {
  text: string;
  /** The idempotency key: created when the form opened, the same for every retry. */
  key: string;
  at: number;
  /** For an edit: the version of the comment that this is based on. */
  version?: number;
}

const DRAFT_MAX_AGE_MS = 30 * 86_400_000;

export function loadDraft(storage: ReaderStorage, name: string, now = Date.now()): SavedDraft | null {
  const saved = storage.get<SavedDraft>(name);
  if (!saved || typeof saved.text !== "string" || !(now - saved.at < DRAFT_MAX_AGE_MS)) {
    if (saved) storage.remove(name);
    return null;
  }
  return saved;
}

export function saveDraft(
  storage: ReaderStorage,
  name: string,
  text: string,
  key: string,
  now = Date.now(),
  version?: number,
): void {
  if (text.trim()) storage.set(name, { text, key, at: now, version });
  else storage.remove(name);
}

/** Removes expired drafts of every page of the site. */
export function removeExpiredDrafts(storage: ReaderStorage, now = Date.now()): void {
  for (const name of storage.keys("draft:")) loadDraft(storage, name, now);
}
