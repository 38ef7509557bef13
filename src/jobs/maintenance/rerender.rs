//! Renders stored comments again after the rendering policy has changed.

use futures_util::{FutureExt as _, future::BoxFuture};

use super::batch::BATCH_ROWS;
use crate::{
    app::{context::App, error::Error, metrics::JobName},
    content,
    jobs::schedule::{Job, Timing},
    model::{
        comment::{Comment, Details, Format},
        event::{Change, Event},
    },
    store::{
        StoreError, Tx,
        tables::{comments, details, instance, threads},
    },
};

/// Runs [`rerender_stale`] at start.
pub(super) struct RerenderStale;

impl Job for RerenderStale {
    fn name(&self) -> JobName {
        JobName::RerenderStale
    }

    fn timing(&self) -> Timing {
        Timing::AtStart
    }

    fn run<'a>(&'a mut self, app: &'a App) -> BoxFuture<'a, Result<(), Error>> {
        async {
            let comments = rerender_stale(app).await?;
            if comments > 0 {
                tracing::info!(
                    comments,
                    "rendered comments again with the current content policy"
                );
            }
            Ok(())
        }
        .boxed()
    }
}

/// Renders all comments that an older policy rendered, once after an upgrade that changed the policy. Returns the
/// number of comments.
///
/// # Errors
/// Those of the store, or `internal` if rendering panicked. The next call continues with the comments that are left.
pub async fn rerender_stale(app: &App) -> Result<u64, Error> {
    let stored = app.store.read(|tx| instance::get(tx, "policy")).await?;
    let mut rendered = 0;
    if stored != Some(content::POLICY) {
        // A node that still runs the older program may write behind the walk, so it is repeated until nothing is left.
        loop {
            match render_all(app).await? {
                0 => break,
                found => rendered += found,
            }
        }
        app.store
            .write(|tx| instance::set(tx, "policy", content::POLICY))
            .await?;
    }
    Ok(rendered)
}

/// Walks once through all comments that an older policy rendered. Returns their number.
async fn render_all(app: &App) -> Result<u64, Error> {
    let (mut found, mut last) = (0, None);
    loop {
        let batch = app
            .store
            .read(move |tx| {
                let mut batch = Vec::new();
                for comment in comments::stale(tx, content::POLICY, last.as_ref(), BATCH_ROWS)? {
                    let details = details::of(tx, comment.site_id, comment.id)?;
                    batch.push((comment, details));
                }
                Ok::<_, StoreError>(batch)
            })
            .await?;
        last = batch.last().map(|(comment, _)| comment.clone());
        if last.is_none() {
            return Ok(found);
        }
        found += batch.len() as u64;
        let rendered = app.run_blocking(move || rendered(batch)).await?;
        app.store.write(move |tx| store(tx, &rendered)).await?;
    }
}

/// Stores rendered bodies. The comments of one thread follow one another.
fn store(tx: &mut dyn Tx, rendered: &[(Comment, String)]) -> Result<(), StoreError> {
    let (mut locked, mut emitted, mut exists) = (None, None, false);
    for (read, body) in rendered {
        let thread = (read.site_id, read.thread_id);
        if locked.replace(thread) != Some(thread) {
            exists = threads::lock(tx, thread.0, thread.1)?;
        }
        // A comment that was edited, removed or merged since it was read keeps its body; the next walk finds what is
        // left.
        if !exists {
            continue;
        }
        let unchanged = |now: &Comment| now.body == read.body && now.author == read.author;
        if let Some(now) = comments::by_id(tx, read.site_id, read.id)?.filter(unchanged) {
            comments::set_body(tx, &now, body, content::POLICY)?;
            if emitted.replace(thread) != Some(thread) {
                tx.emit(Event::of_thread(thread.0, thread.1, Change::ThreadRerendered));
            }
        }
    }
    Ok(())
}

/// Comments with their bodies by the current policy. A comment that has no source, or whose source the policy refuses,
/// keeps its body as the current policy reads it.
fn rendered(batch: Vec<(Comment, Option<Details>)>) -> Vec<(Comment, String)> {
    let render = |source: &str, format| match format {
        Format::Markdown => content::from_markdown(source),
        Format::Html => content::from_html(source),
    };
    batch
        .into_iter()
        .map(|(comment, details)| {
            let tree = details
                .filter(|d| !d.source.is_empty())
                .and_then(|d| render(&d.source, d.format).ok())
                .or_else(|| content::SafeTree::from_json(&comment.body));
            let body = tree.map_or_else(|| comment.body.clone(), |tree| tree.to_json());
            (comment, body)
        })
        .collect()
}
