// The types that the folders of the widget share: a thread on its page, its comments, its forms and its lazy parts.
// Must never import a module that draws, so that no file needs another for its types alone.
// Next: thread/thread-view.ts is the View, parts.ts loads the parts, api/api-types.ts has what the server sends.
import type { Comment, Site, Sort, Thread, ThreadAnswer } from "./api/api-types";
import type { ApiClient } from "./api/client";
import type { Problem } from "./api/errors";
import type { Locale, Message, Messages } from "./i18n/messages";
import type { ReaderStorage } from "./storage/reader-storage";

/** The thread as the loader found it, and the owner's attributes. */
export interface ThreadContext {
  /** The API's address of the site, with a slash at the end. */
  root: string;
  /** The thread's page on the comment origin, which works without JavaScript. */
  link: string;
  /** The prefix of all keys that are stored in the reader's browser for this site. */
  namespace: string;
  /** `?page=…&page_id=…` */
  query: string;
  page: string;
  id?: string | null;
  /** The canonical link when the loader started. */
  canonical?: string;
  sort?: string | null;
  /** The file of the page's language; empty for English, undefined when it could not be loaded. */
  messages: Promise<Partial<Locale> | void> | Partial<Locale>;
}

/** The element, as the loader defines it. */
export interface Host extends HTMLElement {
  /** The owner's attribute, on the element or on the script. */
  get(setting: string): string | null;
  /** Present while it is loaded: aborts all that it started. */
  abort?: AbortController;
  /** Loads, or loads again. */
  load(page?: string): void;
  /** Shows one comment; present once `afterword:ready` has fired. */
  goto?(id: number): unknown;
}

/** One thread on one page, as the files of the widget use it. */
export interface View {
  readonly host: Host;
  readonly context: ThreadContext;
  readonly messages: Messages;
  /** Aborted when the element leaves the page, or shows another article. */
  readonly signal: AbortSignal;
  readonly root: ShadowRoot;
  readonly storage: ReaderStorage;
  readonly api: ApiClient;
  /** Loads a part of the program; once, however often it is called. */
  part<Name extends keyof Parts>(name: Name): Promise<Parts[Name]>;
  /** The language of the page around the thread: for the comments of its readers. */
  readonly language: string;
  readonly level: number;
  readonly items: Map<number, CommentItem>;
  readonly editRights: Map<number, EditRight>;
  /** The part of a storage key that tells this page's entries from those of others. */
  readonly pageKey: string;
  /** The loaded composer.js. */
  loadedComposer?: Composer;
  layout: Layout | null;
  site: Site;
  thread: Thread;
  sort: Sort;
  cursor: string | null;
  /** Incremented whenever the list is replaced: a function that still draws an older list stops. */
  generation: number;
  /** Draws the thread from the given response. False when it could not be loaded. */
  load(answer: Promise<ThreadAnswer>): Promise<boolean>;
  /** The forms, and everything else that only writers need. */
  composer(): Promise<Composer>;
  /** A message for screen readers, in a polite live region; not visible. */
  announce(text: string): void;
  /** A message for screen readers, in an assertive live region; the caller also shows it. */
  alert(text: string): void;
  errorMessage(problem: Problem): string;
  /** False when a listener of the page called preventDefault(). */
  dispatch(name: string, detail: object): boolean;
  /** Dispatches an error event to the page. */
  report(action: string, thrown: unknown): Problem;
}

/** The elements around the comments. */
export interface Layout {
  section: HTMLElement;
  heading: HTMLElement;
  form: CommentForm | null;
  /** Above the list: that one conversation is shown, that a link leads nowhere. */
  notice: HTMLElement;
  list: HTMLOListElement;
  /** Below the list: the button for more. */
  foot: HTMLElement;
}

/** A drawn comment. */
export interface CommentItem {
  comment: Comment;
  parent: CommentItem | null;
  /** Its top-level comment; itself when it is one. */
  top: CommentItem;
  depth: number;
  li: HTMLLIElement;
  article: HTMLElement;
  /** The place of its reply or edit form. */
  slot: HTMLElement;
  replies: HTMLOListElement | null;
  /**
   * On a top-level comment: the largest id below it that the server has listed. The reader's own posts do not count.
   */
  lastListedId: number;
  form: CommentForm | null;
}

/** The author's right to edit or delete a comment until `until`. */
export interface EditRight {
  token: string;
  text: string;
  until: number;
  version?: number;
}

export interface CommentForm {
  node: HTMLFormElement;
  text: HTMLTextAreaElement;
  /** The comment that is answered or edited; null for a new comment. */
  item: CommentItem | null;
  /** Opens the form by itself when a draft exists; resolves when it is open. */
  restore(): unknown;
  /** Set once it is open: lets others put a text with its key into it, with an error message. */
  controls?: { insert(text: string, key: string): void; showProblem(problem: Problem): void };
}

/** The vote on one comment. */
export interface VoteState {
  comment: Comment;
  /** The server's last value, and the reader's choice. */
  confirmed: number;
  wanted: number;
  sending?: boolean;
  render(): void;
  /** Shows the server's value again, with the reason. */
  revert(text: string): void;
}

/** A comment that the address names; its conversation, where that is not drawn yet. */
export interface LinkedComment {
  id: number;
  conversation?: Comment[];
}

/** The exports of composer.js. */
export interface Composer {
  attach(view: View, phrases?: Message[]): void;
  openForm(view: View, form: CommentForm): void;
  ownActions(
    view: View,
    item: CommentItem,
    bar: HTMLElement,
    action: (word: "edit" | "delete", act: () => void) => Node,
  ): void;
  refreshEditWindows(view: View): void;
  quote(view: View, item: CommentItem | null, words: string): void;
  resume(view: View): Promise<void>;
}

/** The exports of enhancements.js. */
export interface Enhancements {
  begin(view: View): void;
  sendVote(view: View, ballot: VoteState): Promise<void>;
  reorder(view: View, select: HTMLSelectElement): Promise<void>;
}

/** The exports of permalink.js. */
export interface Permalink {
  contains(comments: Comment[], id: number): boolean;
  find(view: View, here: (id: number) => boolean, given?: string): Promise<LinkedComment | undefined>;
  show(view: View, found: LinkedComment): Promise<void>;
  follow(view: View, name?: string): Promise<void>;
}

/** The exports of diagnostics.js. */
export interface Diagnostics {
  diagnose(view: View, problem: Problem): Promise<boolean>;
  report(view: View): void;
}

/** The parts of the program that are loaded on demand, by name. */
export interface Parts {
  composer: Composer;
  enhancements: Enhancements;
  permalink: Permalink;
  diagnostics: Diagnostics;
}
