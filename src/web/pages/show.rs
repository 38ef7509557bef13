//! Showing a thread: which part of it, with which of the reader's own comments, with which form open.

use std::collections::HashMap;

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use crate::{
    app::{
        App, Error, ErrorKind,
        secret::{Purpose, random},
    },
    content::SafeHtml,
    model::{
        id::CommentId,
        site::{Site, Sort},
    },
    service::{
        comments::own_comments::{self, OwnComment},
        threads::{
            conversation::{self, CommentRef},
            page::Page,
            read, tree,
        },
    },
    view::thread::{
        self, Address, CommentForm, list,
        state::{Notice, OpenForm, ThreadPage, TypedFields},
    },
    web::{
        http::{form, language::RequestLanguage, request::Incoming, response},
        pages::{
            lookup::{RequestedPart, add_own, find, parent},
            reader_cookie::ReaderCookie,
        },
    },
};

/// What of a thread shall be shown, and with what open.
#[derive(Default)]
pub(super) struct PageRequest {
    /// Which part.
    pub(super) part: RequestedPart,
    /// A comment that has to be among what is shown.
    pub(super) focus: Option<CommentId>,
    /// The comment that the form answers.
    pub(super) reply: Option<CommentId>,
    /// The form that is open on one's own comment.
    pub(super) change: Option<OpenChange>,
    /// What to say first.
    pub(super) said: Option<Notice>,
    /// What stands in the form; none: nothing was typed yet.
    pub(super) typed: Option<TypedFields>,
    /// The idempotency key of a form that was sent; empty: a new one is made.
    pub(super) key: String,
    /// What is wrong with what was sent.
    pub(super) error: Option<Error>,
    /// The text as it will look.
    pub(super) preview: Option<SafeHtml>,
}

/// Which form on one's own comment.
#[derive(Clone, Copy, Debug)]
pub(super) enum OpenChange {
    Edit(CommentId),
    Delete(CommentId),
}

/// The query of a thread page. What a word in it means is the page's to say: one that means nothing is mostly passed over.
#[derive(Deserialize)]
struct ShowQuery {
    page: Option<String>,
    page_id: Option<String>,
    title: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
    comment: Option<String>,
    replies: Option<String>,
    after: Option<String>,
    reply: Option<String>,
    edit: Option<String>,
    delete: Option<String>,
    said: Option<String>,
    id: Option<String>,
    value: Option<String>,
}

/// The comment that a parameter names. Errors: `bad_query` where it is none's id.
fn comment_id(name: &str, text: Option<&str>) -> Result<Option<CommentId>, Error> {
    let wrong = || {
        Error::with_message(
            ErrorKind::BadQuery,
            format!("The parameter {name} is not the id of a comment."),
        )
    };
    text.map(|text| CommentId::parse(text).ok_or_else(wrong))
        .transpose()
}

/// `GET /thread/{site}`.
pub(super) async fn show(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let query: ShowQuery = request.query()?;
    let site = read::site_of_page(app, name, query.page.as_deref()).await?;
    let Some(page) = query.page.filter(|page| !page.is_empty()) else {
        return elsewhere(
            app,
            request,
            &site,
            comment_id("comment", query.comment.as_deref())?,
        )
        .await;
    };
    let address = Address {
        site: format!("{}/thread/{}", app.base_url, site.name.as_str()),
        page,
        page_id: query.page_id.filter(|id| !id.is_empty()),
        title: query.title.unwrap_or_default(),
        sort: query.sort.and_then(|word| Sort::parse(&word)),
        cursor: query.cursor,
        lang: RequestLanguage::by(request).lang(),
    };
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
    let comment = comment_id("comment", query.comment.as_deref())?;
    let part = match (comment, comment_id("replies", query.replies.as_deref())?) {
        (Some(comment), _) => RequestedPart::Branch(comment),
        (None, Some(top)) => RequestedPart::Replies(top, number(query.after)),
        (None, None) => RequestedPart::Page,
    };
    let edit = comment_id("edit", query.edit.as_deref())?.map(OpenChange::Edit);
    let delete = comment_id("delete", query.delete.as_deref())?.map(OpenChange::Delete);
    let change = edit.or(delete);
    let said = match (query.said.as_deref(), comment_id("id", query.id.as_deref())?) {
        (Some("posted"), Some(id)) => Some(Notice::Posted(id)),
        (Some("held"), Some(id)) => Some(Notice::Held(id)),
        (Some("changed"), Some(id)) => Some(Notice::Changed(id)),
        (Some("voted"), Some(id)) => Some(Notice::Voted(id, number(query.value))),
        (Some("deleted"), _) => Some(Notice::Deleted),
        _ => None,
    };
    let focus = match (change, said) {
        (Some(OpenChange::Edit(id) | OpenChange::Delete(id)), _)
        | (None, Some(Notice::Posted(id) | Notice::Held(id) | Notice::Changed(id) | Notice::Voted(id, _))) => {
            Some(id)
        }
        _ => None,
    };
    let wanted = PageRequest {
        part,
        focus,
        reply: comment_id("reply", query.reply.as_deref())?,
        change,
        said,
        ..PageRequest::default()
    };
    let asked = match part {
        RequestedPart::Page => focus,
        RequestedPart::Branch(id) | RequestedPart::Replies(id, _) => Some(id),
    };
    let shown = page_of(
        app,
        request,
        &site,
        &address,
        &ReaderCookie::of(app, request)?,
        wanted,
    )
    .await;
    match (shown, asked) {
        // It may stand under another page: whoever follows a link to it is led there.
        (Err(error), Some(id)) if error.kind == ErrorKind::CommentNotFound => {
            elsewhere(app, request, &site, Some(id)).await.map_err(|_| error)
        }
        (shown, _) => shown,
    }
}

/// The page, with the reader's cookie.
pub(super) async fn page_of(
    app: &App,
    request: &Incoming,
    site: &Site,
    address: &Address,
    reader: &ReaderCookie,
    wanted: PageRequest,
) -> Result<Response, Error> {
    let words = RequestLanguage::by(request).words;
    let page = Page::of(site, &address.page, address.page_id.as_deref())?;
    let asked = reader
        .comments
        .iter()
        .map(|id| (*id, reader.edit_token(app, site.id, *id)))
        .collect();
    let own: HashMap<CommentId, OwnComment> = own_comments::find(app, site.clone(), asked)
        .await?
        .into_iter()
        .map(|own| (own.comment.id, own))
        .collect();
    let mut found = find(app, site, &page, address, wanted.part).await?;
    add_own(&mut found, &own);
    if let Some(id) = wanted
        .focus
        .filter(|id| thread::find(&found.nodes, *id).is_none())
    {
        // It lies on another page of a long thread, or is gone meanwhile.
        match find(app, site, &page, address, RequestedPart::Branch(id)).await {
            Ok(branch) => found = branch,
            // A form on it cannot be shown without it.
            Err(error) if error.kind == ErrorKind::CommentNotFound && wanted.change.is_none() => (),
            Err(error) => return Err(error),
        }
    }
    let parent = match wanted.reply {
        None => None,
        Some(id) => Some(parent(app, site, &page, &found.nodes, id).await?),
    };
    let bytes = tree::content_bytes(&found.nodes);
    match app.charge_read(&request.client, bytes) {
        // What was typed and refused comes back whatever its reader has asked for before; the comments need not.
        Err(_) if wanted.typed.is_some() => found.nodes.clear(),
        charged => charged?,
    }
    let typed = wanted.typed.unwrap_or_else(|| as_before(&own));
    let change = match wanted.change {
        None => None,
        Some(OpenChange::Delete(id)) => Some(OpenForm::Delete(id)),
        Some(OpenChange::Edit(id)) if wanted.error.is_some() => {
            let mut typed = typed.clone();
            // Where it changed, the page shows what it is now: that is what is saved over.
            if wanted
                .error
                .as_ref()
                .is_some_and(|error| error.kind == ErrorKind::Conflict)
            {
                typed.version = own.get(&id).map(|own| own.comment.version);
            }
            Some(OpenForm::Edit(id, typed, wanted.error.clone()))
        }
        Some(OpenChange::Edit(id)) => {
            let own = own
                .get(&id)
                .filter(|own| own.edit_until > app.clock.now())
                .ok_or(ErrorKind::TokenExpired)?;
            let author = &own.comment.author;
            let typed = TypedFields {
                name: author.name.clone(),
                email: String::new(),
                website: author.website.clone(),
                text: own.source.clone(),
                version: Some(own.comment.version),
            };
            Some(OpenForm::Edit(id, typed, None))
        }
    };
    let key = if wanted.key.is_empty() {
        random::<16>().map_err(Error::internal)?
    } else {
        wanted.key
    };
    let form_token = form::token(app, Purpose::PageForm, &reader.secret);
    let (drawn, site, address, without_cookie) = (app.clone(), site.clone(), address.clone(), reader.is_new);
    let (said, error, preview) = (wanted.said, wanted.error, wanted.preview);
    let draw = move || {
        thread::page(&ThreadPage {
            base_url: &drawn.base_url,
            words,
            site: &site,
            address: &address,
            thread: found.thread.as_ref(),
            open: found.open,
            sort: found.sort,
            nodes: &found.nodes,
            part: found.part,
            own: &own,
            form_token: &form_token,
            without_cookie,
            now: drawn.clock.now(),
            said,
            write: CommentForm {
                parent: parent.as_ref(),
                key,
                typed,
                error,
                preview,
            },
            change,
        })
    };
    let markup = app.run_cpu_bound(bytes / 2, draw).await?;
    let mut response = response::page_for_reader(StatusCode::OK, words, &markup);
    if reader.is_new {
        reader.keep(&mut response, &app.base_url);
    }
    Ok(response)
}

/// A form that nobody has typed into begins with how its reader signed the last time.
fn as_before(own: &HashMap<CommentId, OwnComment>) -> TypedFields {
    let author = own
        .values()
        .map(|own| &own.comment)
        .max_by_key(|comment| comment.id)
        .map(|comment| &comment.author);
    author.map_or_else(TypedFields::default, |author| TypedFields {
        name: author.name.clone(),
        website: author.website.clone(),
        ..TypedFields::default()
    })
}

/// Without an article: the one of a comment, the one that the reader comes from, or the list of all.
async fn elsewhere(
    app: &App,
    request: &Incoming,
    site: &Site,
    comment: Option<CommentId>,
) -> Result<Response, Error> {
    let spoken = RequestLanguage::by(request);
    let lang = spoken.lang();
    if let Some(id) = comment {
        let branch = conversation::around(app, site.clone(), CommentRef::Id(id)).await?;
        let address = Address {
            lang,
            ..list::of(&app.base_url, site, &branch.thread)
        };
        // Where its own address does not lead to it, there is nowhere to go.
        if !branch.is_of(&Page::of(site, &address.page, address.page_id.as_deref())?) {
            return Err(ErrorKind::CommentNotFound.into());
        }
        return Ok(response::see_other(&address.comment(id)));
    }
    // Our own pages may share an origin with the site; they are no articles.
    let ours = format!("{}/thread/", app.base_url);
    let referer = request
        .header("referer")
        .filter(|referer| !referer.starts_with(&ours));
    if let Some(page) = referer.and_then(|referer| Page::of(site, referer, None).ok()) {
        let address = Address {
            lang,
            ..Address::of(&app.base_url, site, page.url.as_str(), None)
        };
        return Ok(response::see_other(&address.here(&[], "")));
    }
    let threads = read::newest_threads(app, site.id).await?;
    Ok(response::page_for_reader(
        StatusCode::OK,
        spoken.words,
        &list::page(&app.base_url, spoken.words, lang, site, &threads),
    ))
}
