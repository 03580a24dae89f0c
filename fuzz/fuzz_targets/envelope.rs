//! A message of any bytes is decoded or kept whole; a content in a good envelope is what the
//! content alone is.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use sportello_domain::{Application, ContentDigest};
use sportello_queue::{Decoded, decode};

fuzz_target!(|bytes: &[u8]| {
    decode_anything(bytes);
    if let Ok(content) = serde_json::from_slice::<&RawValue>(bytes) {
        decode_content(content.get());
    }
});

fn decode_anything(bytes: &[u8]) {
    let Ok(decoded) = decode(&Bytes::copy_from_slice(bytes)) else {
        return;
    };
    for received in decoded.received {
        let again = decoded_again(received.envelope());
        let [again] = &again.received[..] else {
            panic!("one that was decoded is decoded alone too");
        };
        assert_eq!(again.application, received.application);
    }
    for poison in decoded.poison {
        assert_eq!(decoded_again(poison.envelope()).poison.len(), 1);
    }
}

fn decoded_again(envelope: Vec<u8>) -> Decoded {
    decode(&envelope.into()).expect("an envelope of this version")
}

fn decode_content(content: &str) {
    let digest = ContentDigest::of(content.as_bytes());
    let envelope = format!(
        r#"{{"version":1,"applications":[{{"id":"018f0000-0000-8000-8000-000000000001","channel":"citizen",
        "submitter":"RSSMRA80A01H501U","received_at":"2020-04-01T06:00:00Z","content_digest":"{digest}",
        "catalogue_version":"0123456789abcdef","content":{content}}}]}}"#
    );
    let decoded = decoded_again(envelope.into());
    match (&decoded.received[..], Application::parse(content.as_bytes())) {
        ([received], Ok(application)) => assert_eq!(received.application.application, application),
        ([], Err(_)) if decoded.poison.len() == 1 => {}
        (_, Ok(_) | Err(_)) => panic!("the envelope changes what its content is"),
    }
}
