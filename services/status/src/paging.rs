//! Which page of a list is asked for.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::web::Query;
use serde::Deserialize;
use sportello_http::Problem;
use sportello_store::PageSize;
use utoipa::IntoParams;

/// How many entries, and after which one.
pub(crate) struct Paging<C> {
    pub(crate) size: PageSize,
    pub(crate) after: Option<C>,
}

#[derive(Deserialize)]
struct Parameters {
    limit: Option<String>,
    after: Option<String>,
}

/// The query of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query in the OpenAPI document")]
pub(crate) struct ApiDocPaging {
    /// Most entries of the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i32>,
    /// What the page before gave as `next`.
    #[param(max_length = 48, pattern = "^[0-9a-f]{16,48}$")]
    after: Option<String>,
}

impl<C: FromStr> Paging<C> {
    /// The page that the request asks for. To be asked once the caller is known.
    ///
    /// # Errors
    /// [`Problem::Page`].
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let query = Query::<Parameters>::from_query(request.query_string()).map_err(|_| Problem::Page)?;
        let size = query.limit.as_deref().map(PageSize::from_str).transpose();
        let after = query.after.as_deref().map(C::from_str).transpose();
        Ok(Self {
            size: size.map_err(|_| Problem::Page)?.unwrap_or_default(),
            after: after.map_err(|_| Problem::Page)?,
        })
    }
}
