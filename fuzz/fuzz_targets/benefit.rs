//! A benefit's file of any text is read, or told where it is wrong; what was read can be shown and
//! asked.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use sportello_catalogue::Benefit;
use sportello_domain::{CatalogueVersion, Channel};

fuzz_target!(|file: &str| {
    match Benefit::parse(file) {
        Ok(benefit) => {
            assert_eq!(*benefit.version(), CatalogueVersion::of(file.as_bytes()));
            assert_eq!(json!(benefit.document())["id"], benefit.id().as_str());
            assert_eq!(json!(benefit.summary())["id"], benefit.id().as_str());
            for channel in Channel::ALL {
                opens_when_it_says(&benefit, channel);
            }
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                assert!((1..=file.split('\n').count()).contains(&mistake.line));
                assert!(mistake.column >= 1 && !mistake.message.is_empty());
            }
        }
    }
});

fn opens_when_it_says(benefit: &Benefit, channel: Channel) {
    for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        if let Some(opening) = benefit.next_opening(channel, at) {
            assert!(opening >= at && benefit.closed(channel, opening).is_none());
        }
    }
}
