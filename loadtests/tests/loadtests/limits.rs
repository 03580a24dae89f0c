//! Every contender works, and the report has all of them. How fast they are is nothing that a busy
//! machine can be asked.

use std::num::NonZeroU64;

use loadtests::limits::{self, Contender, Options, Token};

#[tokio::test]
async fn every_contender_takes_applications_and_is_in_the_report() {
    let options = Options {
        rounds: NonZeroU64::MIN,
        seconds: NonZeroU64::MIN,
        only: Vec::new(),
        connections: 8,
        token: Token::Rs256,
        seed: None,
        json: None,
    };
    let report = limits::run(&options, |turn| println!("{turn}"))
        .await
        .expect("all contenders work");
    println!("{}", report.text());
    let measured: Vec<Contender> = report
        .contenders
        .iter()
        .map(|figures| figures.contender)
        .collect();
    assert_eq!(measured, Contender::ALL);
    assert!(report.contenders.iter().all(|figures| figures.median > 0.0));
    let json = serde_json::to_value(&report).expect("it is written as JSON");
    for contender in Contender::ALL {
        let name = contender.to_string();
        let of = |figures: &serde_json::Value| figures["contender"] == name.as_str();
        assert!(
            json["contenders"].as_array().expect("a list").iter().any(of),
            "{name}"
        );
    }
    assert_eq!(json["ratios"].as_array().map(Vec::len), Some(5));
}
