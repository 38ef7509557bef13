// HTTP requests to the API, with a timeout and typed answers; the loader starts the first request and hands over its
// promise.
// Must never send a cookie, and never a header on a read: a read with a header costs the reader a preflight.
// Next: api-types.ts has the shapes, errors.ts the words for what can fail, write-api.ts what only writers ask.
import { syncClock } from "../dom/clock";
import { Problem } from "./errors";
import type { ConversationAnswer, RepliesAnswer, Sort, ThreadAnswer } from "./api-types";

/** How long an answer may take before the reader is told that there is none. */
const REQUEST_TIMEOUT_MS = 30_000;

export class ApiClient {
  /**
   * Browsers let a question wait for the same one before it, to share its answer: after one that never came, no longer.
   */
  declare private cache?: RequestCache;

  constructor(
    /** Where the loader found the thread: what all addresses begin with, and how the page is named in them. */
    private place: { root: string; query: string },
    private gone: AbortSignal,
  ) {}

  thread(sort?: Sort | string | null, cursor?: string | null): Promise<ThreadAnswer> {
    return this.request(
      "thread" +
        this.place.query +
        (sort ? "&sort=" + sort : "") +
        (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""),
    );
  }

  /** By its id, or by a name from before an import. */
  comment(name: string): Promise<ConversationAnswer> {
    return this.request(`comments/${name}`);
  }

  replies(id: number, after: number): Promise<RepliesAnswer> {
    return this.request(`comments/${id}/replies?after=${after}`);
  }

  /** What an answer holds, or a Problem. */
  async parse<T>(answer: Promise<Response>): Promise<T> {
    let timer;
    const timeout = new Promise<never>((_, reject) => (timer = setTimeout(reject, REQUEST_TIMEOUT_MS)));
    let response: Response;
    let body: any;
    try {
      response = await Promise.race([answer, timeout]);
      syncClock(response.headers.get("date"));
      body = await Promise.race([response.json().catch(() => null), timeout]);
    } catch {
      this.cache = "no-store";
      throw new Problem(this.gone.aborted ? "aborted" : "network", "");
    } finally {
      clearTimeout(timer);
    }
    if (response.ok && body) return body;
    // A proxy's page instead of our JSON: nothing is known but that it did not work.
    const { code = "network", message = "", field = null, retry_after = 0 } = body?.error || {};
    throw new Problem(code, message, field, retry_after);
  }

  /** `keepalive`: the request outlives the page. */
  request<T>(path: string, method = "GET", body?: object, token?: string, keepalive?: boolean): Promise<T> {
    const headers: Record<string, string> = {};
    // The server wants a JSON content type on every write, a DELETE without a body included.
    if (method !== "GET") headers["content-type"] = "application/json";
    if (token) headers.authorization = `Bearer ${token}`;
    return this.parse(
      fetch(this.place.root + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        credentials: "omit",
        cache: this.cache,
        keepalive,
        signal: keepalive ? null : this.gone,
      }),
    );
  }
}
