//! Nobody can make a receipt, nor change one.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sportello_domain::{BenefitId, ContentDigest, IdSecret, IdempotencyKey, Receipt, Submitter, TaxCode};
use sportello_receipt::{KeyFile, ReceiptKeys, ReceiptSigner, ReceiptVerifier};

struct Office {
    verifier: ReceiptVerifier,
    receipt: Receipt,
    signed: String,
}

static OFFICE: LazyLock<Office> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder for keys");
    let path = folder.path().join("keys.json");
    let file = KeyFile::lock(&path).expect("a folder");
    file.add_key().expect("a new key");
    let keys = ReceiptKeys::load(&path).expect("the key");
    let signer = ReceiptSigner::new(keys, "https://sportello.example".to_owned());
    let receipt = receipt();
    Office {
        verifier: ReceiptVerifier::new(signer.public_keys()),
        signed: signer.sign(&receipt).expect("a receipt"),
        receipt,
    }
});

fn receipt() -> Receipt {
    let secret = IdSecret::new(&"s".repeat(32).into()).expect("32 bytes");
    let citizen = Submitter::Citizen(TaxCode::parse("RSSMRA80A01H501U").expect("a tax code"));
    let key = IdempotencyKey::parse("k").expect("a key");
    let application_id = secret.application_id(&citizen, &key);
    Receipt {
        application_id,
        benefit: BenefitId::parse("indemnity-march-2020").expect("an identifier"),
        received_at: "2020-04-01T00:00:00.123Z".parse().expect("an instant"),
        content_digest: ContentDigest::of(b"{}"),
        holders: vec![secret.holder_tag(application_id, &citizen)],
    }
}

// where to cut the signed receipt, how much to leave out, and what to put there
fuzz_target!(|change: (u16, u8, &str)| {
    let Office {
        verifier,
        receipt,
        signed,
    } = &*OFFICE;
    let (at, length, replacement) = change;
    assert!(verifier.verify(replacement).is_err(), "a receipt out of nothing");
    let at = usize::from(at) % (signed.len() + 1);
    let end = (at + usize::from(length)).min(signed.len());
    let changed = format!("{}{replacement}{}", &signed[..at], &signed[end..]);
    match verifier.verify(&changed) {
        Ok(read) => assert!(changed == *signed && read == *receipt, "a changed receipt"),
        Err(_) => assert_ne!(changed, *signed),
    }
});
