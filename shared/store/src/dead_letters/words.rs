//! The closed sets of words of dead letters and their jobs.

use std::str::FromStr;

use sportello_domain::UnknownWord;

/// Declares an enum whose variants have a word in the API and the database.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the word in the API and the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().find(|one| one.as_str() == text);
                found.copied().ok_or(UnknownWord($what))
            }
        }
    };
}

words! {
    /// Where a letter comes from.
    LetterSource ("source of a letter") {
        /// The dead-letter queue.
        DeadLetter = "dead_letter",
        /// The queue of messages that the broker had no queue for.
        Unrouted = "unrouted",
        /// The register: another content was received earlier under the same key. Its outcome is
        /// `conflict`, so it counts there and not among the dead letters.
        Conflict = "conflict",
    }
}

words! {
    /// What a letter holds.
    Holds ("kind of letter") {
        /// One application.
        Application = "application",
        /// One withdrawal.
        Withdrawal = "withdrawal",
        /// A whole message that can't be read.
        Message = "message",
    }
}

words! {
    /// What has become of a letter.
    LetterState ("state of a letter") {
        /// Waits for an operator.
        Open = "open",
        /// Is to be sent again: in a job, in the outbox.
        RequeueAsked = "requeue_asked",
        /// Was sent again; the broker has confirmed it.
        Sent = "sent",
        /// Was sent again, and a worker has settled it. Final.
        Settled = "settled",
        /// Was sent again, and came back as another letter. Final.
        Returned = "returned",
        /// An operator decided against it. Final.
        Discarded = "discarded",
    }
}

words! {
    /// An entry of a letter's history.
    LetterEvent ("event of a letter") {
        /// Came into the table.
        Ingested = "ingested",
        /// An operator read its content.
        Read = "read",
        /// An operator gave it another content.
        Mended = "mended",
        /// An operator asked to send it again.
        RequeueAsked = "requeue_asked",
        /// Its job was stopped before it was sent, or what was sent is not expected any more.
        Reopened = "reopened",
        /// The broker confirmed it.
        Sent = "sent",
        /// A worker settled it.
        Settled = "settled",
        /// It came back as another letter.
        Returned = "returned",
        /// An operator decided against it.
        Discarded = "discarded",
    }
}

words! {
    /// What a job does.
    JobState ("state of a job") {
        /// Sends, or waits for the letters that it sent first.
        Running = "running",
        /// Sends nothing until an operator resumes it.
        Paused = "paused",
        /// Ended before its end; the letters that were not sent are open again.
        Stopped = "stopped",
        /// Has a result for each letter.
        Done = "done",
    }
}

words! {
    /// Why a job was stopped.
    StopCause ("cause of a stop") {
        /// An operator stopped it.
        Operator = "operator",
        /// One of the letters that it sent first came back.
        LetterReturned = "letter_returned",
    }
}

words! {
    /// What became of a letter in a job.
    JobResult ("result of a job") {
        /// Not sent yet.
        Waiting = "waiting",
        /// Sent; no worker has settled it yet.
        Sent = "sent",
        /// A worker settled it.
        Settled = "settled",
        /// It came back as another letter.
        Returned = "returned",
        /// It was not open any more, or another version, when the list was frozen.
        Skipped = "skipped",
        /// The job was stopped before.
        Cancelled = "cancelled",
    }
}
