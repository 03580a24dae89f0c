//! Which methods its addresses have.

use serde_json::Value;
use sportello_testkit::{Sandbox, assert_methods};

use crate::support::Status;

#[tokio::test(flavor = "multi_thread")]
async fn every_address_has_head_where_it_has_get_and_says_which_methods_there_are() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let document: Value = status.service.get("/openapi.json").await.json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 4, "{paths:?}");
    for (path, operations) in paths {
        let path = path.replace("{id}", "00000000-0000-8000-8000-000000000000");
        let address = format!("{}{path}", status.service.url());
        assert_methods(status.service.client(), &address, operations).await;
    }
}
