//! Reading for builds: one thread as HTML, and all threads of a site in one call.
//!
//! The HTML is that of [`crate::view::fragment`] in both. It lies on the comment origin, where it must never act
//! as a page: its policy allows it nothing and puts it into an origin of its own.

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
    view::fragment::{Fragment, fragment as drawn},
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

/// No script, style, form, frame or request, and no origin.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
/// Bytes that are handed to a connection at once.
const CHUNK_BYTES: usize = 64 * 1024;

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

fn of_view(base_url: &str, view: &ThreadView) -> String {
    let fragment = Fragment {
        base_url,
        site: &view.site,
        page_url: view.page_url(),
        page_id: view.page_id(),
        thread: view.thread.as_ref(),
        nodes: &view.comments,
    };
    drawn(&fragment).0
}

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
    let (turn, sending) = prerender::acquire_turn(&app, &request.client).await?;
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
    send_within(response, sending, 3 * Duration::from_secs(app.config.timeout)).await
}

/// An answer on its way, with its place among those that are held.
struct UnsentBytes<T> {
    bytes: Bytes,
    _sending: T,
}

/// Sends by pieces. The whole answer has until the deadline; then the rest of it is dropped and its place given back,
/// whether or not the client takes anything meanwhile.
async fn send_within<T: Send + 'static>(
    response: Response,
    sending: T,
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
        _sending: sending,
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
            // Copied: a part of the whole would hold on to all of it.
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
            html: drawn(&fragment).0,
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_whole_answer_has_a_deadline_whether_or_not_anything_is_taken() {
        let (held, size) = (Arc::new(()), 1_000_000);
        let response = || Response::new(vec![b'x'; size].into());
        let soon = Duration::from_millis(50);
        let taken = send_within(response(), Arc::clone(&held), soon).await.unwrap();
        let whole = taken.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(whole.len(), size, "control: who takes it at once gets it");
        assert_eq!(Arc::strong_count(&held), 1);
        let mut slow = send_within(response(), Arc::clone(&held), soon)
            .await
            .unwrap()
            .into_body();
        assert!(slow.frame().await.unwrap().is_ok());
        assert_eq!(Arc::strong_count(&held), 2, "control: its place is held");
        tokio::time::sleep(4 * soon).await;
        assert_eq!(Arc::strong_count(&held), 1, "its place came back");
        assert!(
            slow.frame().await.unwrap().is_err(),
            "and the answer does not look whole"
        );
    }
}
