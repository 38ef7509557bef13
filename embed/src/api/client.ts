// HTTP requests to the API, with a timeout and typed responses; the loader starts the first request and passes its
// promise.
// Must never send a cookie, and never a header on a read: a read with a header costs the reader a preflight.
// Next: api-types.ts has the types, errors.ts the messages, write-api.ts the requests of writers.
import { syncClock } from "../dom/clock";
import { Problem } from "./errors";
import type { ConversationAnswer, RepliesAnswer, Sort, ThreadAnswer } from "./api-types";

/** Milliseconds that a request may take before the reader is told that it failed. */
const REQUEST_TIMEOUT_MS = 30_000;

export class ApiClient {
  /**
   * Browsers let a request wait for an identical running one, to share its response. After one that timed out, this
   * turns that off.
   */
  declare private cache?: RequestCache;

  constructor(
    /** The thread as the loader found it: the prefix of all addresses, and the page's query. */
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

  /** By its id, or by the id it had before an import. */
  comment(name: string): Promise<ConversationAnswer> {
    return this.request(`comments/${name}`);
  }

  replies(id: number, after: number): Promise<RepliesAnswer> {
    return this.request(`comments/${id}/replies?after=${after}`);
  }

  /** Resolves to the body of a response; rejects with a Problem. */
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
    // A proxy's page in place of our JSON: only the failure is certain.
    const { code = "network", message = "", field = null, retry_after = 0 } = body?.error || {};
    throw new Problem(code, message, field, retry_after);
  }

  /** `keepalive`: the request outlives the page. */
  request<T>(path: string, method = "GET", body?: object, token?: string, keepalive?: boolean): Promise<T> {
    const headers: Record<string, string> = {};
    // The server requires a JSON content type on every write, also on a DELETE without a body.
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
