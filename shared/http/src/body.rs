//! Reading a body within bounds of size and time.

use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;

use crate::problem::Problem;

/// Reads the whole body: at most `limit` bytes, within `deadline` from now.
///
/// actix-web has no bound on how slowly a body may come, so it is set here.
///
/// # Errors
/// [`Problem::TooLarge`], [`Problem::TooSlow`], or [`Problem::BrokenBody`] where it ends early or
/// its chunks are malformed.
pub async fn read_body(mut payload: Payload, limit: usize, deadline: Duration) -> Result<Bytes, Problem> {
    let read = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::BrokenBody)?;
            if body.len() + chunk.len() > limit {
                return Err(Problem::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(deadline, read)
        .await
        .unwrap_or(Err(Problem::TooSlow))
}
