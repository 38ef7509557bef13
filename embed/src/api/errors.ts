// Errors of the API and of the network, and the messages that readers see for them.
// Must never show a code alone, and never hide the server's sentence where there is no message for the code.
// Next: client.ts throws Problems, writer-errors.ts adds what only writers meet; a test compares both with docs/api.md.
import type { MessageKey, Messages } from "../i18n/messages";

export class Problem extends Error {
  /** Shown to a reader in place of the message for the code. */
  declare told?: string;

  constructor(
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

/** Codes by their message; a code that is in none of these is shown by the server's own sentence. */
export type ErrorMessages = [MessageKey, string][];

// biome-ignore format: src/view has the same messages, and a test there reads a pair from each line.
export const errorMessages: ErrorMessages = [
  ["e.setup", "origin_missing origin_not_allowed page_not_of_site site_not_found page_invalid page_too_long"],
  ["e.internal", "internal request_timeout conflict bad_json bad_query bad_request key_invalid not_found method_not_allowed content_type_missing content_type_wrong"],
  ["e.busy", "rate_limited busy"],
  ["gone", "comment_not_found parent_not_found"],
  ["closed", "thread_closed"],
];

export function errorMessage(problem: Problem, messages: Messages, limit = 0): string {
  const [word] = errorMessages.find(([, codes]) => codes.split(" ").includes(problem.code)) || [];
  if (word) return messages.say(word, { count: messages.formatNumber(limit) });
  return problem.message || messages.say("e.internal");
}

/** Any thrown value as a Problem. A value that is not one is a bug of ours and is reported as such. */
export const toProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem("internal", "");
