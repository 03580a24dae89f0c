//! `console agent`: starts and stops workers where the console must not, beside Docker's socket.

use clap::Parser;
use secrecy::SecretString;
use sportello_scaling::{Agent, HandSettings};
use url::Url;

use crate::start_error::StartError;

/// Path of the wanted number.
const WANTED: &str = "v1/workers/wanted";

/// The agent's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "console agent",
    about = "Asks the console how many workers are wanted, and starts and stops them"
)]
pub struct AgentConfig {
    /// Address of the console: https://console.example.
    #[arg(long, env = "CONSOLE_URL")]
    pub console_url: Url,

    /// The console's secret for agents.
    #[arg(long, env = "AGENT_TOKEN", hide_env_values = true)]
    pub agent_token: SecretString,

    /// The hand.
    #[command(flatten)]
    pub hand: HandSettings,
}

/// Has the hand carry out what the console wants, until `stop` ends.
///
/// # Errors
/// [`StartError`] names the wrong setting.
pub async fn run_agent(config: AgentConfig, stop: impl Future<Output = ()>) -> Result<(), StartError> {
    let hand = config.hand.hand().await?;
    let console = config.console_url.as_str().trim_end_matches('/');
    let agent = Agent::new(&format!("{console}/{WANTED}"), config.agent_token, hand)?;
    tracing::info!(%console, "the agent asks for the wanted number");
    sportello_http::notify_ready();
    agent.run(stop).await;
    Ok(())
}
