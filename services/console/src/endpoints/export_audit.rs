//! `GET /v1/audit.csv`

use std::collections::HashMap;
use std::fmt::Write as _;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use sportello_http::{OperatorProblems, Problem};
use sportello_store::{AuditEntry, JournalCursor, PageSize};

use super::list_audit::AuditQuery;
use crate::operator::Operator;
use crate::parts::{Parts, problem};

/// Most entries of an export: ask for a shorter stretch of time.
const MOST: usize = 100_000;
const HEADER: &str = "entry,at,operator,action,object,count,value\n";

/// Exports the audit as CSV, the newest first.
///
/// Without personal data: operators are numbered anew in each export, and reasons, which may name
/// people, are left out. At most 100,000 entries.
#[utoipa::path(
    get,
    path = "/v1/audit.csv",
    operation_id = "export_audit",
    tag = "operation",
    params(AuditQuery),
    responses(
        (status = 200, description = "The entries", body = String, content_type = "text/csv", headers(
            ("Content-Disposition" = String, description = "A name for the file"),
        )),
        OperatorProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn export_audit(
    request: HttpRequest,
    _: Operator,
    parts: Data<Parts>,
) -> Result<HttpResponse, Problem> {
    let filter = Query::<AuditQuery>::from_query(request.query_string()).map_err(|_| Problem::Query)?;
    let filter = filter.into_inner().filter();
    let (mut csv, mut operators) = (HEADER.to_owned(), HashMap::new());
    let (mut after, mut written): (Option<JournalCursor>, usize) = (None, 0);
    loop {
        let page = parts.store.audit_entries(&filter, PageSize::LARGEST, after).await;
        let page = page.map_err(problem)?;
        written += page.items.len();
        for entry in &page.items {
            write(&mut csv, entry, &mut operators);
        }
        after = page.next;
        if after.is_none() || written >= MOST {
            break;
        }
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .body(csv))
}

fn write(csv: &mut String, entry: &AuditEntry, operators: &mut HashMap<String, usize>) {
    let next = operators.len() + 1;
    let operator = *operators.entry(entry.operator.clone()).or_insert(next);
    let value = entry.value.as_deref().unwrap_or_default();
    // writing into a text can't fail
    let _ = writeln!(
        csv,
        "{},{},operator {operator},{},{},{},{}",
        entry.entry,
        entry.at,
        entry.action,
        cell(&entry.object),
        entry.objects,
        cell(value),
    );
}

/// Returns a cell of its own (RFC 4180, section 2), which no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_is_no_formula() {
        assert_eq!(cell("workers"), "workers");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }
}
