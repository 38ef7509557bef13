// The types that the rooms of the widget share: a thread on its page, its comments, its forms and its lazy parts.
// Must never import a module that draws, so that no file needs another for its types alone.
// Next: thread/thread-view.ts is the View, parts.ts loads the parts, api/api-types.ts has what the server sends.
import type { Comment, Site, Sort, Thread, ThreadAnswer } from "./api/api-types";
import type { ApiClient } from "./api/client";
import type { Problem } from "./api/errors";
import type { Locale, Message, Messages } from "./i18n/messages";
import type { ReaderStorage } from "./storage/reader-storage";

/** Where the loader found the thread, and what its owner set. */
export interface ThreadContext {
  /** The API's address of the site, with a slash at the end. */
  root: string;
  /** The thread's page on the comment origin, which works without any of this. */
  link: string;
  /** What all that is kept in the reader's browser for this site begins with. */
  namespace: string;
  /** `?page=…&page_id=…` */
  query: string;
  page: string;
  id?: string | null;
  /** The canonical link as it was when the loader began. */
  canonical?: string;
  sort?: string | null;
  /** The file of the page's language; empty for English, nothing when it did not come. */
  messages: Promise<Partial<Locale> | void> | Partial<Locale>;
}

/** The element itself, as the loader defines it. */
export interface Host extends HTMLElement {
  /** What its owner set, on the element or on the script. */
  get(setting: string): string | null;
  /** There while it is loaded: ends all that it does. */
  abort?: AbortController;
  /** Begins, or begins again. */
  load(page?: string): void;
  /** Shows one comment; there once `afterword:ready` has been. */
  goto?(id: number): unknown;
}

/** One thread on one page, as its files know it. */
export interface View {
  readonly host: Host;
  readonly context: ThreadContext;
  readonly messages: Messages;
  /** Aborted when the element leaves the page, or shows something else. */
  readonly signal: AbortSignal;
  readonly root: ShadowRoot;
  readonly storage: ReaderStorage;
  readonly api: ApiClient;
  /** Loads a part of the program; once, however often it is asked for. */
  part<Name extends keyof Parts>(name: Name): Promise<Parts[Name]>;
  /** The language of the page around: for what its people wrote. */
  readonly language: string;
  readonly level: number;
  readonly items: Map<number, CommentItem>;
  readonly editRights: Map<number, EditRight>;
  /** How the kept things of this page are told from those of others. */
  readonly pageKey: string;
  /** The writing half, once it is here. */
  loadedComposer?: Composer;
  layout: Layout | null;
  site: Site;
  thread: Thread;
  sort: Sort;
  cursor: string | null;
  /** Rises whenever the list is replaced: what still draws an older one stops. */
  generation: number;
  /** Draws the thread from an answer that is on its way. False when it did not come. */
  load(answer: Promise<ThreadAnswer>): Promise<boolean>;
  /** The forms, and all that only writers need. */
  composer(): Promise<Composer>;
  /** For a polite listener: said once, never shown. */
  announce(text: string): void;
  /** For a listener at once; whoever calls it also shows it. */
  alert(text: string): void;
  errorMessage(problem: Problem): string;
  /** False when the page asked not to go on. */
  dispatch(name: string, detail: object): boolean;
  /** Tells the page that something did not work. */
  report(action: string, thrown: unknown): Problem;
}

/** What stands around the comments. */
export interface Layout {
  section: HTMLElement;
  heading: HTMLElement;
  form: CommentForm | null;
  /** Above the list: that one conversation is shown, that a link leads nowhere. */
  notice: HTMLElement;
  list: HTMLOListElement;
  /** Below the list: the way to more. */
  foot: HTMLElement;
}

/** A comment that is drawn. */
export interface CommentItem {
  comment: Comment;
  parent: CommentItem | null;
  /** The top-level comment it stands under; itself when it is one. */
  top: CommentItem;
  depth: number;
  li: HTMLLIElement;
  article: HTMLElement;
  /** Where its reply or edit form opens. */
  slot: HTMLElement;
  replies: HTMLOListElement | null;
  /** On a top-level comment: the largest id below it that the server has listed. Own posts do not count. */
  lastListedId: number;
  form: CommentForm | null;
}

/** What the reader may still do to a comment of their own. */
export interface EditRight {
  token: string;
  text: string;
  until: number;
  version?: number;
}

export interface CommentForm {
  node: HTMLFormElement;
  text: HTMLTextAreaElement;
  /** What is answered or edited; null for a new comment. */
  item: CommentItem | null;
  /** Opens the form by itself when a draft waits for it; done when it is open. */
  restore(): unknown;
  /** Once it is open: how others put a text with its key into it, and say what is wrong with it. */
  controls?: { insert(text: string, key: string): void; showProblem(problem: Problem): void };
}

/** The vote on one comment. */
export interface VoteState {
  comment: Comment;
  /** What the server last knew, and what the reader wants. */
  confirmed: number;
  wanted: number;
  sending?: boolean;
  render(): void;
  /** Shows what the server knows again, and says why. */
  revert(text: string): void;
}

/** A comment that the address names; its conversation, where that is not here yet. */
export interface LinkedComment {
  id: number;
  conversation?: Comment[];
}

/** What composer.js gives the reading half. */
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

/** What enhancements.js gives it. */
export interface Enhancements {
  begin(view: View): void;
  sendVote(view: View, ballot: VoteState): Promise<void>;
  reorder(view: View, select: HTMLSelectElement): Promise<void>;
}

/** What permalink.js gives it. */
export interface Permalink {
  contains(comments: Comment[], id: number): boolean;
  find(view: View, here: (id: number) => boolean, given?: string): Promise<LinkedComment | undefined>;
  show(view: View, found: LinkedComment): Promise<void>;
  follow(view: View, name?: string): Promise<void>;
}

/** What diagnostics.js gives it. */
export interface Diagnostics {
  diagnose(view: View, problem: Problem): Promise<boolean>;
  report(view: View): void;
}

/** The parts of the program that are loaded when they are needed, by their names. */
export interface Parts {
  composer: Composer;
  enhancements: Enhancements;
  permalink: Permalink;
  diagnostics: Diagnostics;
}
