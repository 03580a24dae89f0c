use insta::assert_snapshot;

use super::*;

const EVERY: [Problem; 36] = [
    Problem::TokenMissing,
    Problem::TokenRefused(TokenError::Expired),
    Problem::IdentityUnavailable,
    Problem::RoleNotAllowed,
    Problem::NotOwnApplication,
    Problem::ChannelClosed {
        opens_at: Some(Timestamp::UNIX_EPOCH),
        retry_after: Some(60),
    },
    Problem::ChannelClosed {
        opens_at: None,
        retry_after: None,
    },
    Problem::TooManyRequests { retry_after: 2 },
    Problem::TooManyForApplicant { retry_after: 2 },
    Problem::IdempotencyKey,
    Problem::AccessReason,
    Problem::Page,
    Problem::Query,
    Problem::Unfit(Vec::new()),
    Problem::KeyReused,
    Problem::VersionMissing,
    Problem::Stale,
    Problem::WrongState,
    Problem::MediaType {
        expected: "application/json",
    },
    Problem::ContentCoding,
    Problem::BrokenBody,
    Problem::TooLarge { limit: 65_536 },
    Problem::TooManyRows { limit: 100_000 },
    Problem::TooSlow,
    Problem::HeadTooLarge { limit: 16_384 },
    Problem::NotJson(Vec::new()),
    Problem::Invalid(Vec::new()),
    Problem::Header(Vec::new()),
    Problem::BatchPart,
    Problem::BatchParts(Vec::new()),
    Problem::FileKind(Vec::new()),
    Problem::TooManyBlanks { limit: 65_536 },
    Problem::NotFound,
    Problem::MethodNotAllowed,
    Problem::Unavailable { retry_after: 2 },
    Problem::Internal,
];

#[test]
fn every_problem_says_what_is_wrong_and_what_to_do() {
    let shown = EVERY.map(|problem| {
        let (name, status, title) = problem.kind();
        format!("{} {name}: {title}\n  {}", status.as_u16(), problem.detail())
    });
    assert_snapshot!(shown.join("\n\n"));
}
