//! The thread page: a part of a thread, with the reader's own comments and at most one open form.

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
            notice,
            reader_cookie::ReaderCookie,
        },
    },
};

/// A request for a thread page: the part of the thread, the open form, and the notice.
#[derive(Default)]
pub(super) struct PageRequest {
    /// The part of the thread.
    pub(super) part: RequestedPart,
    /// A comment that has to be on the page.
    pub(super) focus: Option<CommentId>,
    /// The comment that the form replies to.
    pub(super) reply: Option<CommentId>,
    /// The form that is open on a comment of the reader's own.
    pub(super) change: Option<OpenChange>,
    /// The notice at the top.
    pub(super) notice: Option<Notice>,
    /// The text in the form; `None`: nothing was typed yet.
    pub(super) typed: Option<TypedFields>,
    /// The idempotency key of a form that is shown again; empty: a new one is made.
    pub(super) key: String,
    /// The error of the form that was sent.
    pub(super) error: Option<Error>,
    /// The rendered text of a preview.
    pub(super) preview: Option<SafeHtml>,
}

/// A form on a comment of the reader's own.
#[derive(Clone, Copy, Debug)]
pub(super) enum OpenChange {
    Edit(CommentId),
    Delete(CommentId),
}

/// The query of a thread page. Parameters without a meaning are ignored, except ids of comments.
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

/// The comment id in a parameter. Errors: `bad_query` if it is not an id.
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
        return without_page(
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
    let noticed = comment_id("id", query.id.as_deref())?;
    let notice = query
        .said
        .and_then(|said| notice::parse(&said, noticed, number(query.value)));
    let focus = match (change, notice) {
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
        notice,
        ..PageRequest::default()
    };
    let linked = match part {
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
    match (shown, linked) {
        // It may be in the thread of another page: then a link to it leads there.
        (Err(error), Some(id)) if error.kind == ErrorKind::CommentNotFound => {
            without_page(app, request, &site, Some(id))
                .await
                .map_err(|_| error)
        }
        (shown, _) => shown,
    }
}

/// The thread page, with the reader's cookie. Errors: those of the lookups; `rate_limited`, `token_expired`.
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
    let tokens = reader
        .comments
        .iter()
        .map(|id| (*id, reader.edit_token(app, site.id, *id)))
        .collect();
    let own: HashMap<CommentId, OwnComment> = own_comments::find(app, site.clone(), tokens)
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
        // It is on another page of a long thread, or was deleted.
        match find(app, site, &page, address, RequestedPart::Branch(id)).await {
            Ok(branch) => found = branch,
            // A form on the comment cannot be shown without the comment.
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
        // A refused form is shown again also beyond the read limit; then without the comments.
        Err(_) if wanted.typed.is_some() => found.nodes.clear(),
        charged => charged?,
    }
    let typed = wanted.typed.unwrap_or_else(|| last_signature(&own));
    let change = match wanted.change {
        None => None,
        Some(OpenChange::Delete(id)) => Some(OpenForm::Delete(id)),
        Some(OpenChange::Edit(id)) if wanted.error.is_some() => {
            let mut typed = typed.clone();
            // After a conflict the page shows the present version, so the form is bound to that one.
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
    let (shown_app, site, address, without_cookie) =
        (app.clone(), site.clone(), address.clone(), reader.is_new);
    let (notice, error, preview) = (wanted.notice, wanted.error, wanted.preview);
    let draw = move || {
        thread::page(&ThreadPage {
            base_url: &shown_app.base_url,
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
            now: shown_app.clock.now(),
            said: notice,
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
        reader.set(&mut response, &app.base_url);
    }
    Ok(response)
}

/// The initial text of a form: the name and the website of the reader's newest comment.
fn last_signature(own: &HashMap<CommentId, OwnComment>) -> TypedFields {
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

/// Answers a request without a page: redirects to the page of a comment or of the `Referer`, or shows the list of threads.
/// Errors: `comment_not_found`.
async fn without_page(
    app: &App,
    request: &Incoming,
    site: &Site,
    comment: Option<CommentId>,
) -> Result<Response, Error> {
    let language = RequestLanguage::by(request);
    let lang = language.lang();
    if let Some(id) = comment {
        let branch = conversation::around(app, site.clone(), CommentRef::Id(id)).await?;
        let address = Address {
            lang,
            ..list::of(&app.base_url, site, &branch.thread)
        };
        // If the address of its thread does not lead to the comment, there is no page to redirect to.
        if !branch.is_of(&Page::of(site, &address.page, address.page_id.as_deref())?) {
            return Err(ErrorKind::CommentNotFound.into());
        }
        return Ok(response::see_other(&address.comment(id)));
    }
    // The pages of this server may share an origin with the site; they are no pages of the site.
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
        language.words,
        &list::page(&app.base_url, language.words, lang, site, &threads),
    ))
}
