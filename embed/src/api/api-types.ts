// The JSON that the API takes and returns, as docs/api.md describes it.
// Must never hold behaviour, and never name a field that the document does not.
// Next: client.ts fetches it, safe-tree.ts and comment.ts draw it.

/** A text, or an element with its attributes and children: the safe tree of a comment's body. */
export type TreeNode = string | [string, Record<string, string | number>, ...TreeNode[]];

export type Sort = "oldest" | "newest" | "best" | "replies";

export interface Site {
  name: string;
  heading: Record<string, string> | null;
  require_name: boolean;
  require_email: boolean;
  votes: "both" | "up" | "off";
  moderation: "none" | "first" | "all";
  edit_window: number;
  max_text: number;
}

export interface Thread {
  id: number | null;
  page: string;
  title: string | null;
  open: boolean;
  count: number;
  link: string;
  feed: string | null;
}

export interface Comment {
  id: number;
  parent: number | null;
  status: "approved" | "held" | "deleted";
  author: { name: string; website: string | null; avatar: string | null } | null;
  created_at: number;
  edited_at: number | null;
  up: number;
  down: number;
  body: TreeNode[];
  /** Returned to the comment's author only. */
  version?: number;
  replies?: Comment[];
  more?: number;
}

export interface ThreadAnswer {
  site: Site;
  thread: Thread;
  sort: Sort;
  comments: Comment[];
  cursor: string | null;
}

export interface ConversationAnswer {
  /** The comment that was asked for. */
  id: number;
  thread: Thread;
  comments: Comment[];
}

export interface RepliesAnswer {
  comments: Comment[];
  more: number;
}

export interface NewComment {
  parent: number | null;
  key: string;
  name: string;
  email: string;
  website: string;
  text: string;
}

export interface PostAnswer {
  comment: Comment;
  token: string;
  edit_until: number;
  replayed: boolean;
}

export interface OwnCommentsAnswer {
  comments: { comment: Comment; text: string; edit_until: number }[];
}

export interface VoteAnswer {
  up: number;
  down: number;
  value: number;
}
