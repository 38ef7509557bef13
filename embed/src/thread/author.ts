// The name of a comment's author, as shown above it and in the names of its controls.
// Must never be empty: an author without a name is called Anonymous, in the reader's language.
// Next: comment.ts draws it.
import type { Comment } from "../api/api-types";
import type { View } from "../types";

export const authorName = (view: View, comment: Comment): string =>
  comment.author?.name || view.messages.say("anonymous");
