//! The notice of a thread page as parameters of its address: a form redirects with them, and the page reads them.

use crate::{
    model::id::CommentId,
    view::thread::{Address, address::anchor, state::Notice},
};

/// The URL of the page with a notice, at the comment that the notice is about.
pub(super) fn url(address: &Address, notice: Notice) -> String {
    let (comment, value) = match notice {
        Notice::Posted(id) | Notice::Held(id) | Notice::Changed(id) => (Some(id), None),
        Notice::Voted(id, value) => (Some(id), Some(value.to_string())),
        Notice::Deleted => (None, None),
    };
    let id = comment.map(|id| id.to_string());
    let mut pairs = vec![("said", word(notice))];
    pairs.extend(id.as_deref().map(|id| ("id", id)));
    pairs.extend(value.as_deref().map(|value| ("value", value)));
    address.here(&pairs, &comment.map(anchor).unwrap_or_default())
}

/// The notice that the parameters `said`, `id` and `value` describe; `None` if they describe none.
pub(super) fn parse(said: &str, id: Option<CommentId>, value: i64) -> Option<Notice> {
    let of_comment = |id| {
        [
            Notice::Posted(id),
            Notice::Held(id),
            Notice::Changed(id),
            Notice::Voted(id, value),
        ]
    };
    let notices = id.map(of_comment).into_iter().flatten();
    notices
        .chain([Notice::Deleted])
        .find(|notice| word(*notice) == said)
}

fn word(notice: Notice) -> &'static str {
    match notice {
        Notice::Posted(_) => "posted",
        Notice::Held(_) => "held",
        Notice::Changed(_) => "changed",
        Notice::Deleted => "deleted",
        Notice::Voted(..) => "voted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_in_an_address_is_read_back() {
        let address = Address {
            site: "https://c.example/thread/blog".to_owned(),
            page: "https://blog.example/".to_owned(),
            page_id: None,
            title: String::new(),
            sort: None,
            cursor: None,
            lang: None,
        };
        let id = CommentId(12);
        for (notice, expected) in [
            (Notice::Posted(id), "&said=posted&id=12#comment-12"),
            (Notice::Held(id), "&said=held&id=12#comment-12"),
            (Notice::Changed(id), "&said=changed&id=12#comment-12"),
            (Notice::Voted(id, -1), "&said=voted&id=12&value=-1#comment-12"),
            (Notice::Deleted, "&said=deleted"),
        ] {
            let url = url(&address, notice);
            assert!(url.ends_with(&format!("blog.example%2F{expected}")), "{url}");
            assert_eq!(parse(word(notice), Some(id), -1), Some(notice), "{url}");
        }
        assert_eq!(parse("posted", None, 0), None);
        assert_eq!(parse("deleted", None, 0), Some(Notice::Deleted));
        assert_eq!(parse("gone", Some(id), 0), None);
    }
}
