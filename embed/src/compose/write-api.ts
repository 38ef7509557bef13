// What only those who write ask of the server.
// Must never ask but through client.ts.
// Next: api-types.ts has the shapes.
import type { View } from "../types";
import type { Branch, Comment, Draft, OwnAnswer, PostAnswer } from "../api/api-types";

export const post = ({ api, place, keep }: View, draft: Draft, title: string): Promise<PostAnswer> =>
  api.ask("comments", "POST", { page: place.page, page_id: place.id || null, title, reader: keep.reader(), ...draft });

/** `version`: what the text was made from; refused where the comment is another by now. */
export const change = ({ api }: View, id: number, token: string, text: string, version?: number): Promise<{ comment: Comment }> => api.ask(`comments/${id}`, "PATCH", { text, version }, token);

/** `last`: while the page goes away. */
export const erase = ({ api }: View, id: number, token: string, last = false): Promise<{ comment: Comment }> => api.ask(`comments/${id}`, "DELETE", undefined, token, last);

export const render = ({ api }: View, text: string): Promise<{ body: Branch[] }> => api.ask("preview", "POST", { text });

/** How comments stand that this browser has the tokens of. */
export const standing = ({ api }: View, comments: { id: number; token: string }[]): Promise<OwnAnswer> => api.ask("own", "POST", { comments });
