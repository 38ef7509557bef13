// The data stored in the reader's browser: drafts, votes, edit tokens of own comments, author fields.
// Must never throw and never be required: where storage is missing, full or forbidden, memory replaces it.
// Next: client.ts takes the reader's secret from here, drafts.ts builds on it.

export interface AuthorFields {
  name: string;
  email: string;
  website: string;
}

/** The edit token of a comment, and when it expires. */
export interface OwnCommentToken {
  id: number;
  token: string;
  page: string;
  until: number;
}

/** 128 random bits in the alphabet that the server accepts for secrets and keys. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .slice(0, 22);
}

export class ReaderStorage {
  private memory = new Map<string, string>();
  private cachedVotes?: Record<number, number>;

  constructor(
    private prefix: string,
    private storage: () => Storage = () => localStorage,
  ) {}

  get<T>(name: string): T | null {
    let text = this.memory.get(name) ?? null;
    try {
      text = this.storage().getItem(this.prefix + name) ?? text;
    } catch {}
    try {
      return text && JSON.parse(text);
    } catch {
      return null;
    }
  }

  set(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.memory.set(name, text);
    try {
      this.storage().setItem(this.prefix + name, text);
    } catch {}
  }

  remove(name: string): void {
    this.memory.delete(name);
    try {
      this.storage().removeItem(this.prefix + name);
    } catch {}
  }

  /** The keys with this prefix, stored or only in memory. */
  keys(start: string): string[] {
    const found = new Set([...this.memory.keys()].filter((name) => name.startsWith(start)));
    try {
      const storage = this.storage();
      for (let i = 0; i < storage.length; i++) {
        const name = storage.key(i)!;
        if (name.startsWith(this.prefix + start)) found.add(name.slice(this.prefix.length));
      }
    } catch {}
    return [...found];
  }

  /** The secret that lets the server count each browser's vote once; created on first use. */
  readerSecret(): string {
    const known = this.get<string>("reader");
    if (known) return known;
    const made = randomToken();
    this.set("reader", made);
    return made;
  }

  /** Own votes by comment; read once, since drawing each comment needs them. */
  votes(): Record<number, number> {
    return (this.cachedVotes ||= this.get<Record<number, number>>("votes") || {});
  }

  setVote(id: number, value: number): void {
    // Another tab may have voted since.
    this.cachedVotes = this.get<Record<number, number>>("votes") || {};
    if (value) this.cachedVotes[id] = value;
    else delete this.cachedVotes[id];
    this.set("votes", Object.fromEntries(Object.entries(this.cachedVotes).slice(-1000)));
  }

  ownComments(): OwnCommentToken[] {
    return this.get<OwnCommentToken[]>("mine") || [];
  }

  addOwnComment(comment: OwnCommentToken): void {
    this.set("mine", [...this.ownComments().filter((one) => one.id !== comment.id), comment].slice(-200));
  }

  removeOwnComments(ids: number[]): void {
    this.set(
      "mine",
      this.ownComments().filter((one) => !ids.includes(one.id)),
    );
  }
}
