// The API calls of writers: post, edit, delete, preview, own comments.
// Must never send a request except through client.ts.
// Next: api-types.ts has the types.
import type { View } from "../types";
import type { TreeNode, Comment, NewComment, OwnCommentsAnswer, PostAnswer } from "../api/api-types";

export const postComment = ({ api, context, storage }: View, comment: NewComment, title: string): Promise<PostAnswer> =>
  api.request("comments", "POST", {
    page: context.page,
    page_id: context.id || null,
    title,
    reader: storage.readerSecret(),
    ...comment,
  });

/** `version`: the version that the text is based on; the server refuses if the comment has changed. */
export const editComment = (
  { api }: View,
  id: number,
  token: string,
  text: string,
  version?: number,
): Promise<{ comment: Comment }> => api.request(`comments/${id}`, "PATCH", { text, version }, token);

/** `keepalive`: the request outlives the page. */
export const deleteComment = (
  { api }: View,
  id: number,
  token: string,
  keepalive = false,
): Promise<{ comment: Comment }> => api.request(`comments/${id}`, "DELETE", undefined, token, keepalive);

export const renderPreview = ({ api }: View, text: string): Promise<{ body: TreeNode[] }> =>
  api.request("preview", "POST", { text });

/** The status of the comments that this browser has edit tokens for. */
export const fetchOwnComments = (
  { api }: View,
  comments: { id: number; token: string }[],
): Promise<OwnCommentsAnswer> => api.request("own", "POST", { comments });
