//! Which methods its addresses have.

use serde_json::Value;
use sportello_testkit::{Sandbox, assert_methods};

use crate::support::Console;

#[tokio::test(flavor = "multi_thread")]
async fn every_address_of_the_console_says_which_methods_it_has() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let document: Value = console.service.get("/openapi.json").await.json().await.unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path
            .replace("{letter}", "00000000-0000-4000-8000-000000000000")
            .replace("{process}", "0000000000000001")
            .replace("{job}", "00000000-0000-4000-8000-000000000000")
            .replace("{benefit}", "indemnity-march-2020")
            .replace("{channel}", "citizen");
        let address = format!("{}{path}", console.service.url());
        assert_methods(console.service.client(), &address, operations).await;
    }
}
