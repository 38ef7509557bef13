//! Reading by the API. Thread answers come from the cache, already compressed.

use serde::Deserialize;
use warp::{http::HeaderMap, reply::Response};

use super::json::{BranchAnswer, CommentJson, CountsAnswer, RepliesAnswer, ThreadAnswer};
use crate::{
    app::{App, Error, ErrorKind},
    model::{
        id::CommentId,
        page::{PageKey, PageUrl},
        site::{Site, Sort},
    },
    service::threads::{
        conversation::{self, CommentRef},
        page::Page,
        read::{self, Cursor},
        tree,
    },
    web::{
        http::{
            encoded_response::{EncodedResponse, Encoding},
            query,
            request::Incoming,
        },
        state::Shared,
        thread_cache,
    },
};

/// The query of GET thread.
#[derive(Deserialize)]
struct ThreadQuery {
    page: Option<String>,
    page_id: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

/// The query of what is about one page.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    page: Option<String>,
    pub(super) page_id: Option<String>,
}

impl PageQuery {
    /// The page's address. Errors: `bad_query` where it is missing.
    pub(super) fn page(&self) -> Result<&str, Error> {
        self.page.as_deref().ok_or_else(|| query::missing("page"))
    }
}

/// The query of GET replies.
#[derive(Deserialize)]
struct RepliesQuery {
    after: Option<String>,
}

pub(super) async fn thread(shared: &Shared, request: Incoming, site: &str) -> Result<Response, Error> {
    let app = &shared.app;
    request.count(app)?;
    let wanted = cache_request(site, &request.raw_query, &request.headers)?;
    let prepared = thread_cache::thread(app, &shared.threads, &request.client, wanted, |base_url, view| {
        serde_json::to_vec(&ThreadAnswer::of(base_url, view)).map_err(Error::internal)
    })
    .await?;
    Ok(prepared.answer(&request.headers))
}

/// Which page of which thread a read is about. Errors: `bad_query`.
pub(in crate::web) fn cache_request(
    site: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<thread_cache::CacheRequest, Error> {
    let ThreadQuery {
        page,
        page_id,
        sort,
        cursor,
    } = query::read(query)?;
    let page = page.ok_or_else(|| query::missing("page"))?;
    let sort = match sort.filter(|word| !word.is_empty()) {
        Some(word) => Some(Sort::parse(&word).ok_or_else(|| {
            Error::with_message(
                ErrorKind::BadQuery,
                "The parameter sort is one of oldest, newest, best, replies.",
            )
        })?),
        None => None,
    };
    let cursor = cursor.filter(|text| !text.is_empty());
    Ok(thread_cache::CacheRequest {
        form: thread_cache::ResponseFormat::Json,
        site: site.to_owned(),
        page,
        page_id,
        sort,
        cursor: cursor.map(|text| Cursor::parse(&text)).transpose()?,
        encoding: Encoding::asked(headers, Encoding::FRESH),
    })
}

pub(super) async fn comment(
    app: &App,
    request: Incoming,
    site: &str,
    named: CommentRef,
) -> Result<Response, Error> {
    let site = find_site(app, &request, site).await?;
    let branch = conversation::around(app, site, named).await?;
    let base_url = app.base_url.clone();
    encoded(app, &request, tree::content_bytes(&branch.comments), move || {
        serde_json::to_vec(&BranchAnswer::of(&base_url, &branch))
    })
    .await
}

pub(super) async fn replies(
    app: &App,
    request: Incoming,
    site: &str,
    id: CommentId,
) -> Result<Response, Error> {
    let site = find_site(app, &request, site).await?;
    let after = match request.query::<RepliesQuery>()?.after.as_deref() {
        None | Some("" | "0") => 0,
        Some(text) => {
            CommentId::parse(text)
                .ok_or_else(|| {
                    Error::with_message(ErrorKind::BadQuery, "The parameter after is the id of a comment.")
                })?
                .0
        }
    };
    let (comments, more) = conversation::replies(app, site.id, id, after).await?;
    let bytes = comments
        .iter()
        .map(|comment| comment.body.len() + tree::COMMENT_OVERHEAD_BYTES)
        .sum();
    encoded(app, &request, bytes, move || {
        serde_json::to_vec(&RepliesAnswer {
            comments: comments
                .iter()
                .map(|comment| CommentJson::of(comment, false))
                .collect(),
            more,
        })
    })
    .await
}

pub(super) async fn counts(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = find_site(app, &request, site).await?;
    let mut keys = Vec::new();
    for name in ["page", "page_id"] {
        let values = query::pairs(request.raw_query.as_bytes()).filter(|(key, _)| key == name);
        for (_, value) in values {
            // What is none of the site's pages has no comments: one odd link must not cost the others their counts.
            keys.push(if name == "page" {
                page_key(&site, &value).ok()
            } else {
                PageKey::from_page_id(&value).ok()
            });
        }
    }
    if keys.is_empty() || keys.len() > read::MAX_COUNTED_PAGES {
        return Err(Error::with_message(
            ErrorKind::BadQuery,
            "Ask for the counts of 1 to 100 pages.",
        ));
    }
    let counts = read::counts(app, site.id, keys).await?;
    encoded(app, &request, 0, move || {
        serde_json::to_vec(&CountsAnswer { counts })
    })
    .await
}

/// The key of a page given as an address or as a path below the site's main origin.
fn page_key(site: &Site, page: &str) -> Result<PageKey, Error> {
    match site
        .origins
        .first()
        .filter(|_| page.starts_with('/') && !page.starts_with("//"))
    {
        Some(origin) => Ok(site.key_of(&PageUrl::parse(&format!("{}{page}", origin.as_str()))?)),
        None => Ok(Page::of(site, page, None)?.key),
    }
}

/// The site that a read is about; the first `page` finds it where its name is `_`.
pub(super) async fn find_site(app: &App, request: &Incoming, name: &str) -> Result<Site, Error> {
    request.count(app)?;
    let page = query::first(&request.raw_query, "page");
    read::site_of_page(app, name, page.as_deref()).await
}

/// Writes `bytes` of comments as JSON and compresses them, off the threads that serve others when they are many.
pub(super) async fn encoded(
    app: &App,
    request: &Incoming,
    bytes: usize,
    write: impl FnOnce() -> serde_json::Result<Vec<u8>> + Send + 'static,
) -> Result<Response, Error> {
    let encoding = Encoding::asked(&request.headers, Encoding::FRESH);
    let prepared = app
        .run_cpu_bound_read(&request.client, bytes, encoding.work(bytes), move || {
            write().map(|plain| EncodedResponse::new(plain, "application/json", encoding))
        })
        .await?
        .map_err(Error::internal)?;
    Ok(prepared.answer(&request.headers))
}
