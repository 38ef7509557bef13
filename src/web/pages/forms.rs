//! The forms of the thread page: post, preview, edit, delete, vote.
//!
//! A success redirects to the comment. A refusal shows the form again with all that was typed, also where the form has
//! expired or the server is busy.

use serde::{Deserialize, de::DeserializeOwned};
use warp::reply::Response;

use crate::{
    app::{App, Error, ErrorKind, secret::Purpose},
    config::Action,
    model::{
        comment::{Comment, Format, Status},
        id::CommentId,
        site::{Site, Sort},
    },
    service::{
        comments::{
            edit::{self, CommentChanges},
            input::{self, CommentInput},
            post::{self, PostRequest},
            vote,
        },
        threads::read,
    },
    view::thread::{
        Address,
        state::{Notice, TypedFields},
    },
    web::{
        http::{form, language::RequestLanguage, request::Incoming, response},
        pages::{
            lookup::RequestedPart,
            notice,
            reader_cookie::ReaderCookie,
            show::{OpenChange, PageRequest, page_of},
        },
    },
};

/// The fields that each form has: the view of the thread that it was shown on.
#[derive(Deserialize)]
struct ViewFields {
    page: String,
    page_id: String,
    title: String,
    sort: String,
    cursor: String,
}

/// A submitted form with its fields `T`, and whether this server made it for its sender.
struct SubmittedForm<T> {
    fields: T,
    site: Site,
    address: Address,
    reader: ReaderCookie,
    proof: Result<(), Error>,
}

impl<T: DeserializeOwned> SubmittedForm<T> {
    /// Reads a form. One with a wrong token is read too, with the error in `proof`, so that it can be shown again; one
    /// from another origin is refused here.
    ///
    /// # Errors
    ///
    /// `form_not_ours`, `content_type_wrong`, `site_not_found`.
    async fn read(app: &App, request: &Incoming, name: &str) -> Result<Self, Error> {
        let reader = ReaderCookie::of(app, request)?;
        let proof = match form::check(app, request, Purpose::PageForm, &reader.secret) {
            Err(error)
                if error.kind != ErrorKind::FormNotOurs
                    || request.header("sec-fetch-site") != Some("same-origin") =>
            {
                return Err(error);
            }
            proof => proof,
        };
        let site = read::site(app, name).await?;
        let view: ViewFields = form::fields(request)?;
        let filled = |value: String| Some(value).filter(|value| !value.is_empty());
        let address = Address {
            site: format!("{}/thread/{}", app.base_url, site.name.as_str()),
            page: view.page,
            page_id: filled(view.page_id),
            title: view.title,
            sort: Sort::parse(&view.sort),
            cursor: filled(view.cursor),
            lang: RequestLanguage::by(request).lang(),
        };
        Ok(Self {
            fields: form::fields(request)?,
            site,
            address,
            reader,
            proof,
        })
    }
}

impl<T: Typed> SubmittedForm<T> {
    /// The page with the form again, with the text that was typed and the error.
    async fn show_again(
        &self,
        app: &App,
        request: &Incoming,
        mut wanted: PageRequest,
        error: Error,
    ) -> Result<Response, Error> {
        wanted.typed = Some(self.fields.typed());
        wanted.error = Some(error.clone());
        match page_of(app, request, &self.site, &self.address, &self.reader, wanted).await {
            Ok(page) => Ok(response::form_again(&error, page)),
            // If the page cannot be shown either, the first error is answered.
            Err(_) => Err(error),
        }
    }
}

/// A form that is shown again with the text that was typed into it.
trait Typed {
    fn typed(&self) -> TypedFields;
}

/// The id in a field; `None` if it is empty. Errors: `field_invalid`.
fn comment_id(field: &'static str, text: &str) -> Result<Option<CommentId>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let id = CommentId::parse(text).ok_or_else(|| Error::of_field(ErrorKind::FieldInvalid, field))?;
    Ok(Some(id))
}

/// A text area's value with the line ends that comments are stored with.
fn plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The form for a new comment or a reply.
#[derive(Deserialize)]
struct PostForm {
    /// The comment that is replied to; empty: none.
    parent: String,
    /// The idempotency key.
    key: String,
    name: String,
    email: String,
    website: String,
    text: String,
    action: PostAction,
}

/// The button that was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum PostAction {
    #[serde(rename = "preview")]
    Preview,
    /// `post`, every other text, and none: the form was sent by the Enter key.
    #[serde(other)]
    Post,
}

impl Typed for PostForm {
    fn typed(&self) -> TypedFields {
        TypedFields {
            name: self.name.clone(),
            email: self.email.clone(),
            website: self.website.clone(),
            text: plain_line_ends(&self.text),
            version: None,
        }
    }
}

/// `POST /thread/{site}/post`.
pub(super) async fn post(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::<PostForm>::read(app, request, name).await?;
    let parent = comment_id("parent", &sent.fields.parent)?;
    let key = sent.fields.key.clone();
    let wanted = PageRequest {
        reply: parent,
        key: key.clone(),
        ..PageRequest::default()
    };
    if let Err(error) = &sent.proof {
        return sent.show_again(app, request, wanted, error.clone()).await;
    }
    if sent.fields.action == PostAction::Preview {
        return preview(app, request, &sent, wanted).await;
    }
    let TypedFields {
        name,
        email,
        website,
        text,
        ..
    } = sent.fields.typed();
    let comment = PostRequest {
        page: sent.address.page.clone(),
        page_id: sent.address.page_id.clone(),
        title: sent.address.title.clone(),
        parent,
        key,
        reader: Some(sent.reader.secret.clone()),
        raw: CommentInput {
            name,
            email,
            website,
            text,
            format: None,
        },
    };
    match post::post(app, sent.site.clone(), &request.client, comment).await {
        Ok(posted) => {
            let mut reader = sent.reader.clone();
            let id = posted.comment.id;
            reader.add(id);
            let mut response = done(&sent, &posted.comment, Notice::Posted(id));
            reader.set(&mut response, &app.base_url);
            Ok(response)
        }
        Err(error) if error.kind == ErrorKind::KeyReused => {
            // The form was sent before, with another text, and its response was not seen. With a new key this text is a
            // new comment.
            sent.show_again(
                app,
                request,
                PageRequest {
                    key: String::new(),
                    ..wanted
                },
                error,
            )
            .await
        }
        Err(error) => sent.show_again(app, request, wanted, error).await,
    }
}

/// Shows the form again with its text rendered.
async fn preview(
    app: &App,
    request: &Incoming,
    sent: &SubmittedForm<PostForm>,
    mut wanted: PageRequest,
) -> Result<Response, Error> {
    let limits = &app.limits;
    let reserved = match limits
        .check(Action::Preview, request.client.network)
        .and_then(|()| limits.reserve(Action::Preview, Some(sent.site.id)))
    {
        Ok(reserved) => reserved,
        Err(error) => return sent.show_again(app, request, wanted, error).await,
    };
    let (text, rules) = (sent.fields.typed().text, sent.site.rules.clone());
    let _permit = app.admit(&request.client)?;
    match app
        .run_cpu_bound(text.len(), move || {
            input::validate_text(&text, Format::Markdown, &rules)
        })
        .await?
    {
        Err(error) => sent.show_again(app, request, wanted, error).await,
        Ok((_, tree)) => {
            reserved.keep();
            wanted.typed = Some(sent.fields.typed());
            wanted.preview = Some(tree.to_html());
            page_of(app, request, &sent.site, &sent.address, &sent.reader, wanted).await
        }
    }
}

/// The form that edits the reader's own comment.
#[derive(Deserialize)]
struct EditForm {
    id: String,
    /// The version of the comment that the form was made from; empty: whatever it is now.
    version: String,
    name: String,
    website: String,
    text: String,
}

impl Typed for EditForm {
    fn typed(&self) -> TypedFields {
        TypedFields {
            name: self.name.clone(),
            email: String::new(),
            website: self.website.clone(),
            text: plain_line_ends(&self.text),
            version: self.version.parse().ok(),
        }
    }
}

/// `POST /thread/{site}/edit`.
pub(super) async fn edit(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::<EditForm>::read(app, request, name).await?;
    let id = comment_id("id", &sent.fields.id)?.ok_or(ErrorKind::CommentNotFound)?;
    let wanted = PageRequest {
        part: RequestedPart::Page,
        focus: Some(id),
        change: Some(OpenChange::Edit(id)),
        ..PageRequest::default()
    };
    if let Err(error) = &sent.proof {
        return sent.show_again(app, request, wanted, error.clone()).await;
    }
    let token = sent.reader.edit_token(app, sent.site.id, id);
    let TypedFields {
        name,
        website,
        text,
        version,
        ..
    } = sent.fields.typed();
    if version.is_none() && !sent.fields.version.is_empty() {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "version"));
    }
    let change = CommentChanges {
        text,
        name: Some(name),
        website: Some(website),
        version,
    };
    match edit::edit(app, sent.site.clone(), &request.client, id, &token, change).await {
        Ok(comment) => Ok(done(&sent, &comment, Notice::Changed(id))),
        Err(error) => sent.show_again(app, request, wanted, error).await,
    }
}

/// The form that deletes the reader's own comment.
#[derive(Deserialize)]
struct DeleteForm {
    id: String,
}

/// `POST /thread/{site}/delete`.
pub(super) async fn delete(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::<DeleteForm>::read(app, request, name).await?;
    sent.proof.clone()?;
    let id = comment_id("id", &sent.fields.id)?.ok_or(ErrorKind::CommentNotFound)?;
    let token = sent.reader.edit_token(app, sent.site.id, id);
    edit::delete(app, sent.site.clone(), &request.client, id, &token).await?;
    Ok(response::see_other(&notice::url(&sent.address, Notice::Deleted)))
}

/// The form that votes on a comment.
#[derive(Deserialize)]
struct VoteForm {
    /// The comment's id, a colon, and 1, -1 or 0.
    vote: String,
}

/// `POST /thread/{site}/vote`.
pub(super) async fn vote(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::<VoteForm>::read(app, request, name).await?;
    sent.proof.clone()?;
    let wrong = || Error::of_field(ErrorKind::FieldInvalid, "vote");
    let (id, value) = sent.fields.vote.split_once(':').ok_or_else(wrong)?;
    let (id, value) = (
        CommentId::parse(id).ok_or_else(wrong)?,
        value.parse::<i64>().map_err(|_| wrong())?,
    );
    let voted = vote::vote(
        app,
        sent.site.clone(),
        &request.client,
        id,
        &sent.reader.secret,
        value,
    )
    .await?;
    let notice = Notice::Voted(id, voted.value);
    Ok(response::see_other(&notice::url(&sent.address, notice)))
}

/// Redirects to a comment that was stored. `approved`: the notice if readers see the comment.
fn done<T>(sent: &SubmittedForm<T>, comment: &Comment, approved: Notice) -> Response {
    let notice = match comment.status.to_author() {
        Status::Approved => approved,
        Status::Deleted => Notice::Deleted,
        Status::Held | Status::Spam => Notice::Held(comment.id),
    };
    response::see_other(&notice::url(&sent.address, notice))
}
