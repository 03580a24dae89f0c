//! Paging of a list.

use std::str::FromStr;

use serde::Deserialize;
use sportello_http::Problem;
use sportello_store::PageSize;
use utoipa::IntoParams;

/// Size of a page, and the entry that it begins after.
pub(crate) struct Paging<C> {
    pub(crate) size: PageSize,
    pub(crate) after: Option<C>,
}

/// The query of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PagingQuery {
    /// Most entries of the page.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// `next` of the page before.
    #[param(max_length = 48, pattern = "^[0-9a-f]{1,48}$")]
    after: Option<String>,
}

impl PagingQuery {
    /// Parses the page.
    ///
    /// # Errors
    /// [`Problem::Page`].
    pub(crate) fn paging<C: FromStr>(&self) -> Result<Paging<C>, Problem> {
        let size = self.limit.as_deref().map(PageSize::from_str).transpose();
        let after = self.after.as_deref().map(C::from_str).transpose();
        Ok(Paging {
            size: size.map_err(|_| Problem::Page)?.unwrap_or_default(),
            after: after.map_err(|_| Problem::Page)?,
        })
    }
}
