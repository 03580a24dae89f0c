//! `GET /v1/live`

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use sportello_http::{OperatorProblems, Problem};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::operator::Operator;
use crate::parts::Parts;
use crate::shown::Frame;
use crate::streams::Stream;

/// Interval of comments while there is no frame: a gateway and the browser see that it lives.
const COMMENT_EVERY: Duration = Duration::from_secs(10);
/// A stream's longest life: the next one shows its token again.
const LIFE: Duration = Duration::from_secs(15 * 60);
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A viewer's place in the stream.
struct Viewer {
    frames: watch::Receiver<Option<Arc<Frame>>>,
    parts: Data<Parts>,
    ends: Instant,
    is_first: bool,
    /// Kept while the stream is open.
    _stream: Stream,
}

/// Streams each second.
///
/// Server-sent events (`text/event-stream`), to be read with `fetch`, since a browser's
/// `EventSource` sends no token. The first event is a `snapshot`, the next ones are `frame`s; each
/// holds a whole second, as `GET /v1/now` answers it. A slow viewer gets the newest second alone. A
/// comment comes every ten seconds without an event. A stream ends after a quarter of an hour, and
/// when the console stops: open the next one.
#[utoipa::path(
    get,
    path = "/v1/live",
    operation_id = "stream_live",
    tag = "operation",
    responses(
        (status = 200, description = "Events, one a second", body = String, content_type = "text/event-stream"),
        OperatorProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn stream_live(operator: Operator, parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    let viewer = Viewer {
        frames: parts.shown.follow(),
        ends: Instant::now() + LIFE,
        is_first: true,
        _stream: parts.streams.open(operator.0)?,
        parts,
    };
    let events = stream::unfold(viewer, |mut viewer| async move {
        let event = viewer.next().await?;
        Some((Ok::<_, Infallible>(event), viewer))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // nginx would hold events back
        .insert_header((ACCEL_BUFFERING, "no"))
        .streaming(events))
}

impl Viewer {
    /// Waits for the next event; `None` at the stream's end.
    async fn next(&mut self) -> Option<Bytes> {
        let closing = self.parts.closing.clone();
        tokio::select! {
            () = closing.cancelled() => None,
            () = tokio::time::sleep_until(self.ends) => None,
            event = self.event() => event,
        }
    }

    async fn event(&mut self) -> Option<Bytes> {
        if !self.is_first {
            match timeout(COMMENT_EVERY, self.frames.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some(Bytes::from_static(b": alive\n\n")),
            }
        }
        let frame = self.frames.borrow_and_update().clone();
        let Some(frame) = frame else {
            // before the first sample
            self.frames.changed().await.ok()?;
            return Some(Bytes::from_static(b": begins\n\n"));
        };
        let name = if self.is_first { "snapshot" } else { "frame" };
        self.is_first = false;
        Some(frame.event(name))
    }
}
