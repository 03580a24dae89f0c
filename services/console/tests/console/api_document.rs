//! The OpenAPI document of the console.

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    sportello_testkit::assert_fresh("docs/api/console.json", &console::api_doc());
}
