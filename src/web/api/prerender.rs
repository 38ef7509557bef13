//! The reads for site builds: a thread as HTML, and all threads of a site by pages.
//!
//! Both have the HTML of [`crate::view::fragment`]. On the comment origin it must never act as a page: its policy allows
//! nothing and gives it an opaque origin.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use warp::{
    Reply as _,
    http::{HeaderValue, header},
    reply::Response,
};

use crate::{
    app::{App, Error, ErrorKind},
    model::id::ThreadId,
    service::threads::{
        prerender::{self, Export, ExportedThread},
        read::ThreadView,
    },
    view::fragment::{Fragment, fragment as render},
    web::{
        api::threads::{PageQuery, find_site},
        http::{
            encoded_response::{EncodedResponse, Encoding},
            request::Incoming,
        },
        state::Shared,
        thread_cache,
    },
};

/// The query of GET threads.
#[derive(Deserialize)]
struct ThreadsQuery {
    cursor: Option<String>,
}

/// Allows no script, style, form, frame or request, and gives an opaque origin.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
/// The bytes that are passed to a connection at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// `GET …/fragment`: a thread as a fragment of HTML, from the cache.
pub(super) async fn fragment(shared: &Shared, request: Incoming, site: &str) -> Result<Response, Error> {
    let app = &shared.app;
    request.count(app)?;
    let query: PageQuery = request.query()?;
    let wanted = thread_cache::CacheRequest {
        form: thread_cache::ResponseFormat::Html,
        site: site.to_owned(),
        page: query.page()?.to_owned(),
        page_id: query.page_id,
        sort: None,
        cursor: None,
        encoding: Encoding::asked(&request.headers, Encoding::FRESH),
    };
    let prepared = thread_cache::thread(app, &shared.threads, &request.client, wanted, |base_url, view| {
        Ok(of_view(base_url, view).into_bytes())
    })
    .await?;
    let mut response = prepared.answer(&request.headers);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(response)
}

/// The HTML of a page of a thread.
fn of_view(base_url: &str, view: &ThreadView) -> String {
    let fragment = Fragment {
        base_url,
        site: &view.site,
        page_url: view.page_url(),
        page_id: view.page_id(),
        thread: view.thread.as_ref(),
        nodes: &view.comments,
    };
    render(&fragment).0
}

/// `GET …/threads`: the threads of a site from `cursor` on, with their HTML.
pub(super) async fn threads(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = find_site(app, &request, site).await?;
    let after = match request
        .query::<ThreadsQuery>()?
        .cursor
        .filter(|text| !text.is_empty())
    {
        Some(text) => Some(ThreadId::parse(&text).ok_or_else(|| {
            Error::with_message(
                ErrorKind::BadQuery,
                "The cursor is not one that this server gave.",
            )
        })?),
        None => None,
    };
    let app = app.clone();
    let (turn, permit) = prerender::acquire_turn(&app, &request.client).await?;
    let found = prerender::threads(&app, site, after).await?;
    let headers = request.headers;
    let base_url = app.base_url.clone();
    let response = app
        .run_blocking(move || {
            let plain = serde_json::to_vec(&ThreadsAnswer::of(&base_url, &found)).map_err(Error::internal)?;
            drop(found);
            let encoding = Encoding::asked(&headers, Encoding::FRESH);
            Ok::<_, Error>(EncodedResponse::new(plain, "application/json", encoding).answer(&headers))
        })
        .await??;
    drop(turn);
    send_within(response, permit, 3 * Duration::from_secs(app.config.timeout)).await
}

/// The unsent rest of a response, with its permit.
struct UnsentBytes<T> {
    bytes: Bytes,
    _permit: T,
}

/// Streams the body of a response in chunks. After `deadline` the unsent rest and its permit are dropped, also if the client
/// reads nothing. Errors: `internal`.
async fn send_within<T: Send + 'static>(
    response: Response,
    permit: T,
    deadline: Duration,
) -> Result<Response, Error> {
    let (parts, body) = response.into_parts();
    let whole = http_body_util::BodyExt::collect(body)
        .await
        .map_err(Error::internal)?
        .to_bytes();
    let left = whole.len();
    let rest = Arc::new(Mutex::new(Some(UnsentBytes {
        bytes: whole,
        _permit: permit,
    })));
    let late = Arc::downgrade(&rest);
    tokio::spawn(async move {
        tokio::time::sleep(deadline).await;
        if let Some(rest) = late.upgrade() {
            drop(lock(&rest).take());
        }
    });
    let pieces = stream::unfold((rest, left), |(rest, left)| async move {
        if left == 0 {
            return None;
        }
        let piece = match lock(&rest).as_mut() {
            // Copied, because a part of the whole body keeps all of it allocated.
            Some(rest) => Ok(Bytes::copy_from_slice(
                &rest.bytes.split_to(CHUNK_BYTES.min(left)),
            )),
            None => Err(io::Error::from(io::ErrorKind::TimedOut)),
        };
        let left = piece.as_ref().map_or(0, |piece| left - piece.len());
        Some((piece, (rest, left)))
    });
    let mut streamed = warp::reply::stream(pieces).into_response();
    *streamed.status_mut() = parts.status;
    *streamed.headers_mut() = parts.headers;
    Ok(streamed)
}

fn lock<T>(rest: &Mutex<Option<UnsentBytes<T>>>) -> MutexGuard<'_, Option<UnsentBytes<T>>> {
    rest.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Serialize)]
struct ThreadsAnswer<'a> {
    threads: Vec<ExportedJson<'a>>,
    cursor: Option<String>,
}

#[derive(Serialize)]
struct ExportedJson<'a> {
    id: i64,
    page: &'a str,
    keys: &'a [String],
    title: &'a str,
    count: i64,
    newest_at: Option<i64>,
    version: i64,
    html: String,
}

impl<'a> ThreadsAnswer<'a> {
    fn of(base_url: &str, export: &'a Export) -> Self {
        Self {
            threads: export
                .threads
                .iter()
                .map(|one| ExportedJson::of(base_url, export, one))
                .collect(),
            cursor: export.next.map(|id| id.to_string()),
        }
    }
}

impl<'a> ExportedJson<'a> {
    fn of(base_url: &str, export: &'a Export, one: &'a ExportedThread) -> Self {
        let thread = &one.thread;
        let fragment = Fragment {
            base_url,
            site: &export.site,
            page_url: &thread.page_url,
            page_id: thread.page_id.as_deref(),
            thread: Some(thread),
            nodes: &one.comments,
        };
        Self {
            id: thread.id.0,
            page: &thread.page_url,
            keys: &one.keys,
            title: &thread.title,
            count: thread.comment_count,
            newest_at: one.newest_at.map(|at| at.0),
            version: thread.version,
            html: render(&fragment).0,
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_response_is_dropped_after_its_deadline_also_if_nothing_is_read() {
        let (held, size) = (Arc::new(()), 1_000_000);
        let response = || Response::new(vec![b'x'; size].into());
        let soon = Duration::from_millis(50);
        let taken = send_within(response(), Arc::clone(&held), soon).await.unwrap();
        let whole = taken.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            whole.len(),
            size,
            "control: a client that reads at once gets all of it"
        );
        assert_eq!(Arc::strong_count(&held), 1);
        let mut slow = send_within(response(), Arc::clone(&held), soon)
            .await
            .unwrap()
            .into_body();
        assert!(slow.frame().await.unwrap().is_ok());
        assert_eq!(Arc::strong_count(&held), 2, "control: its permit is held");
        tokio::time::sleep(4 * soon).await;
        assert_eq!(Arc::strong_count(&held), 1, "its permit is free again");
        assert!(
            slow.frame().await.unwrap().is_err(),
            "the body ends with an error"
        );
    }
}
