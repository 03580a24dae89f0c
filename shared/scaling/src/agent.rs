//! An agent beside Docker or systemd: it asks the console for the wanted number and carries it out.

use std::future::Future;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::pin;
use tokio::time::sleep;

use crate::hand::{Hand, HandError, WantedWorkers};

/// Between two questions.
const PAUSE: Duration = Duration::from_secs(5);
/// Longest time of an answer.
const LONGEST: Duration = Duration::from_secs(5);
/// Bytes of an answer that is shown.
const SHOWN: usize = 100;

/// Asks for the wanted number, and has a hand carry it out. While there is no answer, the number
/// stays.
pub struct Agent {
    client: Client,
    url: String,
    token: SecretString,
    hand: Box<dyn Hand>,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// As many run as are wanted.
    Kept(u16),
    /// The hand was given another number.
    Ordered {
        /// Workers that ran, if that can be seen.
        from: Option<u16>,
        /// Workers that are wanted.
        to: u16,
    },
}

/// Why a step changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The client could not be made.
    #[error("no requests can be made ({0}): install the system's certificates (ca-certificates)")]
    Client(String),
    /// No answer.
    #[error("the console does not answer at {url} ({cause}): the number of workers stays")]
    Unanswered {
        /// The address.
        url: String,
        /// Why.
        cause: String,
    },
    /// The token is refused.
    #[error("the console refuses the agent's token ({0}): give it one that may read the wanted number")]
    Token(u16),
    /// Not the answer that was expected.
    #[error("{url} gave an answer that is not understood ({status} {answer}): correct the address")]
    Answer {
        /// The address.
        url: String,
        /// The status code.
        status: u16,
        /// The answer, cut.
        answer: String,
    },
    /// The hand failed.
    #[error(transparent)]
    Hand(#[from] HandError),
}

impl Agent {
    /// `url` answers with [`WantedWorkers`], for the token.
    ///
    /// # Errors
    /// TLS can't be set up on this machine.
    pub fn new(url: &str, token: SecretString, hand: Box<dyn Hand>) -> Result<Self, AgentError> {
        let client = Client::builder().timeout(LONGEST).build();
        Ok(Self {
            client: client.map_err(|error| AgentError::Client(error.to_string()))?,
            url: url.to_owned(),
            token,
            hand,
        })
    }

    /// Asks once, and has the hand carry out what differs.
    ///
    /// # Errors
    /// [`AgentError`] says why nothing changed.
    pub async fn step(&self) -> Result<Step, AgentError> {
        let wanted = self.wanted().await?;
        let seen = self.hand.observe().await?;
        if seen.running == Some(wanted) {
            return Ok(Step::Kept(wanted));
        }
        self.hand.scale_to(wanted, &seen).await?;
        Ok(Step::Ordered {
            from: seen.running,
            to: wanted,
        })
    }

    async fn wanted(&self) -> Result<u16, AgentError> {
        let unanswered = |error: reqwest::Error| AgentError::Unanswered {
            url: self.url.clone(),
            cause: error.without_url().to_string(),
        };
        let asked = self.client.get(&self.url).bearer_auth(self.token.expose_secret());
        let answer = asked.send().await.map_err(unanswered)?;
        let status = answer.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(AgentError::Token(status.as_u16()));
        }
        let text = answer.text().await.map_err(unanswered)?;
        let wanted = serde_json::from_str::<WantedWorkers>(&text).ok();
        let wanted = wanted.filter(|_| status == StatusCode::OK);
        wanted
            .map(|answer| answer.wanted)
            .ok_or_else(|| AgentError::Answer {
                url: self.url.clone(),
                status: status.as_u16(),
                answer: text.chars().take(SHOWN).collect(),
            })
    }

    /// Steps every five seconds until the end. A step that has begun is finished.
    pub async fn run(&self, end: impl Future<Output = ()>) {
        pin!(end);
        let mut last = None;
        loop {
            let outcome = self.step().await;
            match &outcome {
                Ok(Step::Ordered { from, to }) => tracing::info!(?from, to, "changing the number of workers"),
                // once, until something else happens
                Err(error) if last.as_ref() != Some(&outcome) => tracing::warn!("{error}"),
                Ok(Step::Kept(_)) | Err(_) => {}
            }
            last = Some(outcome);
            tokio::select! {
                () = &mut end => return,
                () = sleep(PAUSE) => {}
            }
        }
    }
}
