//! The keys of the phrases that the pages for readers use.
//!
//! build.rs includes this file, so it uses no other module; it embeds exactly these phrases of each language. A
//! phrase that is missing in a catalogue stops the build. `embed/i18n/README.md` describes catalogues, [`super`]
//! returns the phrases.

macro_rules! message_keys {
    ($($variant:ident = $key:literal,)+) => {
        /// A phrase of the catalogues.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum MessageKey {
            $(#[doc = concat!("`", $key, "`")] $variant),+
        }

        impl MessageKey {
            /// All keys; the phrases of a catalogue have this order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its key in the catalogues.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }
    };
}

message_keys! {
    Plain = "plain",
    Heading = "heading",
    Sort = "sort",
    SortOldest = "sort.oldest",
    SortNewest = "sort.newest",
    SortBest = "sort.best",
    SortReplies = "sort.replies",
    More = "more",
    MoreReplies = "replies",
    Edited = "edited",
    InReplyTo = "in_reply_to",
    Anonymous = "anonymous",
    Deleted = "deleted",
    Held = "held",
    Reply = "reply",
    ReplyTo = "reply_to",
    VoteUp = "vote_up",
    VoteDown = "vote_down",
    Edit = "edit",
    Delete = "delete",
    Of = "of",
    Branch = "branch",
    ShowAll = "show_all",
    Gone = "gone",
    Closed = "closed",
    Write = "write",
    Internal = "e.internal",
    Setup = "e.setup",
    Busy = "e.busy",
    Name = "write.name",
    Email = "write.email",
    Website = "write.website",
    Optional = "write.optional",
    Post = "write.post",
    Preview = "write.preview",
    Cancel = "write.cancel",
    Save = "write.save",
    Wait = "write.wait",
    Posted = "write.posted",
    Saved = "write.saved",
    DeleteDone = "write.delete_done",
    TooLate = "write.e.late",
    Changed = "write.e.changed",
    NoText = "write.e.text",
    LongText = "write.e.long",
    BadName = "write.e.name",
    BadEmail = "write.e.email",
    BadWebsite = "write.e.website",
    SentBefore = "write.e.sent",
    Skip = "page.skip",
    Back = "page.back",
    Replies = "page.replies",
    Received = "page.received",
    Voted = "page.voted",
    TakeBack = "page.take_back",
    VoteBack = "page.vote_back",
    Permalink = "page.permalink",
    Until = "page.until",
    Unshown = "page.unshown",
    Answered = "page.answered",
    Text = "page.text",
    Hint = "page.hint",
    Change = "page.change",
    Sure = "page.sure",
    NotPosted = "page.not_posted",
    NotSaved = "page.not_saved",
    Marked = "page.marked",
    Cookie = "page.cookie",
    OldForm = "page.old",
    TooLarge = "page.large",
    Feed = "page.feed",
    Foot = "page.foot",
    List = "page.list",
    ListEmpty = "page.list_empty",
    Missing = "page.missing",
    Failed = "page.failed",
    Code = "page.code",
}
