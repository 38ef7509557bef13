//! The forms of the thread page: post, preview, edit, delete, vote.
//!
//! A success redirects to what it made. A refusal shows the form again, with everything that was typed:
//! also when the form had grown old, also when the server is busy.

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
    view::thread::{Address, address::anchor, state::TypedFields},
    web::{
        http::{form::Form, language::RequestLanguage, request::Incoming, response},
        pages::{
            lookup::RequestedPart,
            reader_cookie::ReaderCookie,
            show::{OpenChange, PageRequest, page_of},
        },
    },
};

/// A form that came in: what it says, and whether it is ours.
struct SubmittedForm {
    fields: Vec<(String, String)>,
    site: Site,
    address: Address,
    reader: ReaderCookie,
    proof: Result<(), Error>,
}

impl SubmittedForm {
    /// Reads it. A form whose token is wrong is kept, so that it can be shown again; one that comes from
    /// elsewhere is refused here. Errors: `form_not_ours`, `content_type_wrong`, `site_not_found`.
    async fn read(app: &App, request: &Incoming, name: &str) -> Result<Self, Error> {
        let reader = ReaderCookie::of(app, request)?;
        let proof = match Form::read(app, request, Purpose::PageForm, &reader.secret) {
            Ok(_) => Ok(()),
            Err(error)
                if error.kind == ErrorKind::FormNotOurs
                    && request.header("sec-fetch-site") == Some("same-origin") =>
            {
                Err(error)
            }
            Err(error) => return Err(error),
        };
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let site = read::site(app, name).await?;
        let get = |name: &str| field(&fields, name).to_owned();
        let some = |name: &str| Some(get(name)).filter(|value| !value.is_empty());
        let address = Address {
            site: format!("{}/thread/{}", app.base_url, site.name.as_str()),
            page: get("page"),
            page_id: some("page_id"),
            title: get("title"),
            sort: Sort::parse(&get("sort")),
            cursor: some("cursor"),
            lang: RequestLanguage::by(request).lang(),
        };
        Ok(Self {
            fields,
            site,
            address,
            reader,
            proof,
        })
    }

    fn get(&self, name: &str) -> &str {
        field(&self.fields, name)
    }

    /// The id in a field; none if it is empty. Errors: `field_invalid`.
    fn id(&self, name: &'static str) -> Result<Option<CommentId>, Error> {
        let text = self.get(name);
        if text.is_empty() {
            Ok(None)
        } else {
            CommentId::parse(text)
                .map(Some)
                .ok_or_else(|| Error::of_field(ErrorKind::FieldInvalid, name))
        }
    }

    fn typed(&self) -> TypedFields {
        let get = |name| self.get(name).to_owned();
        TypedFields {
            name: get("name"),
            email: get("email"),
            website: get("website"),
            text: get("text").replace("\r\n", "\n"),
            version: self.get("version").parse().ok(),
        }
    }

    /// The page once more, with what was typed and what is wrong with it.
    async fn again(
        &self,
        app: &App,
        request: &Incoming,
        mut wanted: PageRequest,
        error: Error,
    ) -> Result<Response, Error> {
        wanted.typed = Some(self.typed());
        wanted.error = Some(error.clone());
        match page_of(app, request, &self.site, &self.address, &self.reader, wanted).await {
            Ok(page) => Ok(response::form_again(&error, page)),
            // If the page cannot be shown either, the first refusal stands.
            Err(_) => Err(error),
        }
    }
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value)
}

/// `POST /thread/{site}/post`.
pub(super) async fn post(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::read(app, request, name).await?;
    let parent = sent.id("parent")?;
    let key = sent.get("key").to_owned();
    let wanted = PageRequest {
        reply: parent,
        key: key.clone(),
        ..PageRequest::default()
    };
    if let Err(error) = &sent.proof {
        return sent.again(app, request, wanted, error.clone()).await;
    }
    if sent.get("action") == "preview" {
        return preview(app, request, &sent, wanted).await;
    }
    let TypedFields {
        name,
        email,
        website,
        text,
        ..
    } = sent.typed();
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
            reader.wrote(posted.comment.id);
            let mut response = done(&sent, &posted.comment, "posted");
            reader.keep(&mut response, &app.base_url);
            Ok(response)
        }
        Err(error) if error.kind == ErrorKind::KeyReused => {
            // The form was sent before and its answer was not seen; a new key makes this a new comment.
            sent.again(
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
        Err(error) => sent.again(app, request, wanted, error).await,
    }
}

async fn preview(
    app: &App,
    request: &Incoming,
    sent: &SubmittedForm,
    mut wanted: PageRequest,
) -> Result<Response, Error> {
    let limits = &app.limits;
    let reserved = match limits
        .check(Action::Preview, request.client.network)
        .and_then(|()| limits.reserve(Action::Preview, Some(sent.site.id)))
    {
        Ok(reserved) => reserved,
        Err(error) => return sent.again(app, request, wanted, error).await,
    };
    let (text, rules) = (sent.typed().text, sent.site.rules.clone());
    let _place = app.admit(&request.client)?;
    match app
        .run_cpu_bound(text.len(), move || {
            input::validate_text(&text, Format::Markdown, &rules)
        })
        .await?
    {
        Err(error) => sent.again(app, request, wanted, error).await,
        Ok((_, tree)) => {
            reserved.keep();
            wanted.typed = Some(sent.typed());
            wanted.preview = Some(tree.to_html());
            page_of(app, request, &sent.site, &sent.address, &sent.reader, wanted).await
        }
    }
}

/// `POST /thread/{site}/edit`.
pub(super) async fn edit(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::read(app, request, name).await?;
    let id = sent.id("id")?.ok_or(ErrorKind::CommentNotFound)?;
    let wanted = PageRequest {
        part: RequestedPart::Page,
        focus: Some(id),
        change: Some(OpenChange::Edit(id)),
        ..PageRequest::default()
    };
    if let Err(error) = &sent.proof {
        return sent.again(app, request, wanted, error.clone()).await;
    }
    let token = sent.reader.edit_token(app, sent.site.id, id);
    let TypedFields {
        name,
        website,
        text,
        version,
        ..
    } = sent.typed();
    if version.is_none() && !sent.get("version").is_empty() {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "version"));
    }
    let change = CommentChanges {
        text,
        name: Some(name),
        website: Some(website),
        version,
    };
    match edit::edit(app, sent.site.clone(), &request.client, id, &token, change).await {
        Ok(comment) => Ok(done(&sent, &comment, "changed")),
        Err(error) => sent.again(app, request, wanted, error).await,
    }
}

/// `POST /thread/{site}/delete`.
pub(super) async fn delete(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::read(app, request, name).await?;
    sent.proof.clone()?;
    let id = sent.id("id")?.ok_or(ErrorKind::CommentNotFound)?;
    let token = sent.reader.edit_token(app, sent.site.id, id);
    edit::delete(app, sent.site.clone(), &request.client, id, &token).await?;
    Ok(response::see_other(
        &sent.address.here(&[("said", "deleted")], ""),
    ))
}

/// `POST /thread/{site}/vote`: `vote` is the comment's id, a colon, and 1, -1 or 0.
pub(super) async fn vote(app: &App, request: &Incoming, name: &str) -> Result<Response, Error> {
    let sent = SubmittedForm::read(app, request, name).await?;
    sent.proof.clone()?;
    let wrong = || Error::of_field(ErrorKind::FieldInvalid, "vote");
    let (id, value) = sent.get("vote").split_once(':').ok_or_else(wrong)?;
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
    let (id_text, value) = (id.to_string(), voted.value.to_string());
    Ok(response::see_other(&sent.address.here(
        &[("said", "voted"), ("id", &id_text), ("value", &value)],
        &anchor(id),
    )))
}

/// Shows a comment that was stored.
fn done(sent: &SubmittedForm, comment: &Comment, what: &str) -> Response {
    let said = match comment.status.to_author() {
        Status::Approved => what,
        Status::Deleted => return response::see_other(&sent.address.here(&[("said", "deleted")], "")),
        Status::Held | Status::Spam => "held",
    };
    let id = comment.id.to_string();
    response::see_other(
        &sent
            .address
            .here(&[("said", said), ("id", &id)], &anchor(comment.id)),
    )
}
