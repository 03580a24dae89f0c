//! The OpenAPI document of intake.

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    sportello_testkit::assert_fresh("docs/api/intake.json", &intake::api_doc());
}
