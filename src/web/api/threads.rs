//! The reads of the API. Responses for threads come from the cache.

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
        conversation::{self, CommentRef, Replies},
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

/// The query of endpoints about one page.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    page: Option<String>,
    pub(super) page_id: Option<String>,
}

impl PageQuery {
    /// The address of the page. Errors: `bad_query` if it is missing.
    pub(super) fn page(&self) -> Result<&str, Error> {
        self.page.as_deref().ok_or_else(|| query::missing("page"))
    }
}

/// The query of GET replies.
#[derive(Deserialize)]
struct RepliesQuery {
    after: Option<String>,
}

/// `GET …/thread`: a page of a thread.
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

/// Parses a request for a page of a thread. Errors: `bad_query`.
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

/// `GET …/comments/{id}`: the conversation of a comment.
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

/// `GET …/comments/{id}/replies`: the replies of a conversation after the id `after`.
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
    let Replies { comments, left } = conversation::replies(app, site.id, id, after).await?;
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
            more: left,
        })
    })
    .await
}

/// `GET …/counts`: the numbers of comments of several pages.
pub(super) async fn counts(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = find_site(app, &request, site).await?;
    // An address of another site has no comments: one wrong link does not fail the counts of the others.
    let addresses = query::all(&request.raw_query, "page").map(|page| page_key(&site, &page).ok());
    let page_ids = query::all(&request.raw_query, "page_id").map(|id| PageKey::from_page_id(&id).ok());
    let keys: Vec<Option<PageKey>> = addresses.chain(page_ids).collect();
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

/// The page key of an address, or of a path below the site's first origin. Errors: those of [`Page::of`].
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

/// The site of a read, by the first `page` of the query where its name is `_`; counts the request. Errors: `rate_limited`,
/// `site_not_found`.
pub(super) async fn find_site(app: &App, request: &Incoming, name: &str) -> Result<Site, Error> {
    request.count(app)?;
    let page = query::first(request.raw_query.as_bytes(), "page");
    read::site_of_page(app, name, page.as_deref()).await
}

/// Writes `bytes` of comments as JSON and compresses them; on the blocking pool if they are many. Errors: `rate_limited`,
/// `busy`, `internal`.
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
