//! What is a digest is written the way it was read, and the digest of any content is read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello_domain::ContentDigest;

fuzz_target!(|bytes: &[u8]| {
    let digest = ContentDigest::of(bytes);
    assert_eq!(digest.to_string().parse(), Ok(digest));
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(digest) = text.parse::<ContentDigest>()
    {
        assert_eq!(digest.to_string(), text);
    }
});
