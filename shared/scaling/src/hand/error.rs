//! What goes wrong at a hand, and what to do.

/// What goes wrong at a hand, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandError {
    /// No hand is set.
    #[error("no hand is set, so workers are started and stopped by people: set WORKER_HAND")]
    None,
    /// A program could not be run.
    #[error("cannot run `{program}` ({cause}): install it, or correct the settings of the hand")]
    Program {
        /// The program.
        program: String,
        /// The system's words.
        cause: String,
    },
    /// A program failed.
    #[error("`{command}` failed ({status}): {output}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit status.
        status: String,
        /// The last lines of its output.
        output: String,
    },
    /// No answer in time.
    #[error("`{what}` did not answer within {seconds} s: look whether it hangs, and try again")]
    TimedOut {
        /// The command or address.
        what: String,
        /// Seconds.
        seconds: u64,
    },
    /// An answer could not be understood.
    #[error("`{what}` gave an answer that is not understood: {answer}")]
    Answer {
        /// The command or address.
        what: String,
        /// The answer, cut.
        answer: String,
    },
    /// A change of what was not observed.
    #[error("{target} was not looked at, and a number that nobody saw is not overwritten: observe it first")]
    Unseen {
        /// The deployment.
        target: String,
    },
    /// Somebody else changed the number.
    #[error(
        "somebody else changed the number of workers from {seen} to {found}, and nothing was \
         overwritten: take the number over, or leave it to them"
    )]
    Conflict {
        /// What was seen before.
        seen: u16,
        /// What is there now.
        found: u16,
    },
    /// An autoscaler has the say.
    #[error(
        "{kind} {name} scales {target}: remove it, or set WORKER_HAND=keda and have it ask for the \
         wanted number"
    )]
    Autoscaler {
        /// `HorizontalPodAutoscaler` or `ScaledObject`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The deployment.
        target: String,
    },
    /// The deployment is not there.
    #[error("{target} is not there: correct its name and namespace in the settings of the hand")]
    NotFound {
        /// The deployment.
        target: String,
    },
    /// The platform refuses.
    #[error("the platform refuses to {what}: give this service the right ({right})")]
    Forbidden {
        /// What was to be done.
        what: String,
        /// The right that is missing.
        right: String,
    },
    /// The platform can't be reached.
    #[error("the platform can't be reached ({cause}): workers stay as they are")]
    Unreachable {
        /// Why.
        cause: String,
    },
}
