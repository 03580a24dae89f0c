//! What is wrong and what the caller can do, in a sentence for each problem.

use super::Problem;

impl Problem {
    /// Returns the sentence.
    #[expect(clippy::too_many_lines, reason = "a table, one entry a problem")]
    pub(super) fn detail(&self) -> String {
        match self {
            Self::TokenMissing => "send an access token in the header Authorization: Bearer".into(),
            Self::TokenRefused(error) => error.to_string(),
            Self::IdentityUnavailable => {
                "the service has no keys of the identity provider yet: send the same request again \
                 later"
                    .into()
            }
            Self::RoleNotAllowed => "callers with this role may not do this".into(),
            Self::NotOwnApplication => {
                "citizens may apply for themselves only: the applicant's tax code must be the one \
                 in the token"
                    .into()
            }
            Self::ChannelClosed {
                opens_at: Some(_), ..
            } => "this channel is closed for this benefit at the moment: send the same request \
                  again at opens_at"
                .into(),
            Self::ChannelClosed { opens_at: None, .. } => {
                "this channel is closed for this benefit, and no opening date is set".into()
            }
            Self::TooManyRequests { .. } => {
                "this caller has sent too many requests: send the same request again after \
                 Retry-After"
                    .into()
            }
            Self::TooManyForApplicant { .. } => {
                "this organisation has reached the benefit's daily limit of applications for this \
                 applicant: send the same application again after Retry-After"
                    .into()
            }
            Self::AccessReason => "send the header Access-Reason with 10 to 200 characters that \
                                   say why you read this application: its holder will see them"
                .into(),
            Self::IdempotencyKey => {
                "send the header Idempotency-Key with 1 to 255 visible ASCII characters, such as a \
                 random UUID, and the same key with each retry of the same application; put the \
                 key in double quotes if it has characters other than letters, digits and \
                 !#$%&'*+-.^_`|~:/="
                    .into()
            }
            Self::Page => "limit must be a number from 1 to 100; after must be the value of next \
                           from the page before, unchanged"
                .into(),
            Self::Query => "a query parameter has an invalid value: see the API document".into(),
            Self::Unfit(_) => "correct what violations lists and send the request again; nothing \
                               was changed"
                .into(),
            Self::KeyReused => "another request had this Idempotency-Key: send this one with a new \
                                key; nothing was changed"
                .into(),
            Self::VersionMissing => "send the header If-Match with the version that you saw, in \
                                     double quotes; nothing was changed"
                .into(),
            Self::Stale => "it was changed after you saw it: see changed and current, and decide \
                            again; nothing was changed"
                .into(),
            Self::WrongState => "its state does not allow this: read it again; nothing was changed".into(),
            Self::MediaType { expected } => format!("send the body as {expected}"),
            Self::ContentCoding => "send the body uncompressed, without Content-Encoding".into(),
            Self::BrokenBody => "the body ends early or its chunks are malformed: send the same \
                                 request again"
                .into(),
            Self::TooLarge { limit } => {
                format!("the body, or this row of it, may have at most {limit} bytes")
            }
            Self::TooManyRows { limit } => {
                format!(
                    "a file may have at most {limit} rows: this row and the rows after it were not \
                     read; send them in another file"
                )
            }
            Self::TooSlow => "the whole request did not arrive in time: send the same request again".into(),
            Self::HeadTooLarge { limit } => {
                format!("address and headers together may have at most {limit} bytes")
            }
            Self::NotJson(_) => "the body is not valid JSON: see violations for the place".into(),
            Self::Invalid(_) => "correct what violations lists and send the request again; nothing \
                                 was accepted"
                .into(),
            Self::Header(_) => "correct the column names in the first line as violations says and \
                                send the file again; no row was accepted"
                .into(),
            Self::BatchPart => "for a part of a file, send both headers once: Batch-Part with the \
                                part's number from 1, followed by ;end for the last part, and \
                                Row-Offset with the number of rows in the file before the part; \
                                for a whole file, send neither"
                .into(),
            Self::BatchParts(_) => {
                "the receipts do not add up: see violations for what is missing, and send all of \
                 them again"
                    .into()
            }
            Self::FileKind(_) => "the file is neither JSON Lines nor CSV: save it as violations \
                                  says and send it again; no row was accepted"
                .into(),
            Self::TooManyBlanks { limit } => format!(
                "more than {limit} bytes of the file hold no row: delete blank lines or end the \
                 unfinished line, and send the file again"
            ),
            Self::NotFound => "this address does not exist, or this caller may not see it".into(),
            Self::MethodNotAllowed => "this address does not support this method: see the header \
                                       Allow"
                .into(),
            Self::Unavailable { .. } => {
                "the request may not have been accepted: send it again with the same key after \
                 Retry-After"
                    .into()
            }
            Self::Internal => "the error was logged: send the same request again later".into(),
        }
    }
}
