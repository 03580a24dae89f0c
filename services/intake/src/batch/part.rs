//! The part of a file that a request carries.

use actix_web::HttpRequest;
use sportello_domain::BatchParts;
use sportello_http::Problem;
use utoipa::IntoParams;

use super::rows::ROWS;

/// The number of a part, from 1; `;end` behind it where the file ends with it.
const BATCH_PART: &str = "Batch-Part";
/// Rows of the file before the part.
const ROW_OFFSET: &str = "Row-Offset";

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    number: u32,
    end: bool,
    rows_before: u32,
}

/// The headers of a part: both, or neither where the request carries the whole file.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the headers in the OpenAPI document")]
pub(crate) struct ApiDocPart {
    /// The number of the part that the request carries, from 1, with `;end` where the file ends
    /// with it. Absent where the request carries the whole file.
    #[param(
        rename = "Batch-Part",
        max_length = 16,
        pattern = "^[0-9]{1,6} *(; *end)?$",
        example = "3"
    )]
    batch_part: Option<String>,
    /// Rows of the file before the part, so that rows are numbered as in the file. Required with
    /// `Batch-Part`.
    #[param(rename = "Row-Offset", minimum = 0, maximum = 100_000, example = 2000)]
    row_offset: Option<u32>,
}

impl Part {
    /// Reads the headers of a part; nothing where the request carries the whole file.
    ///
    /// # Errors
    /// [`Problem::BatchPart`] where one is missing, comes twice or is no such header.
    pub(crate) fn of(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        match (header(request, BATCH_PART)?, header(request, ROW_OFFSET)?) {
            (None, None) => Ok(None),
            (Some(part), Some(rows_before)) => {
                Self::parse(part, rows_before).map(Some).ok_or(Problem::BatchPart)
            }
            (Some(_), None) | (None, Some(_)) => Err(Problem::BatchPart),
        }
    }

    fn parse(part: &str, rows_before: &str) -> Option<Self> {
        let (number, end) = match part.split_once(';') {
            None => (part, false),
            Some((number, parameter)) if parameter.trim() == "end" => (number, true),
            Some(_) => return None,
        };
        Some(Self {
            number: natural(number).filter(|number| *number > 0)?,
            end,
            rows_before: natural(rows_before)?,
        })
    }

    /// Returns the rows of the file before the part.
    pub(super) fn rows_before(self) -> u32 {
        self.rows_before
    }

    /// Returns the part for its receipt, once its number of rows is known.
    pub(super) fn with_rows(self, rows: u32) -> BatchParts {
        BatchParts {
            first: self.number,
            last: self.number,
            end: self.end,
            first_row: self.rows_before + 1,
            last_row: self.rows_before + rows,
        }
    }
}

/// Returns the value of a header that may occur once.
fn header<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = request.headers().get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Problem::BatchPart),
        (Some(_), Some(_)) => Err(Problem::BatchPart),
    }
}

/// Parses a number up to the most rows of a file.
fn natural(text: &str) -> Option<u32> {
    let digits = text.trim();
    let is_number = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok()).flatten();
    number.filter(|number| *number <= ROWS)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Result<Option<Part>, Problem> {
        let request = headers.iter().fold(TestRequest::default(), |request, header| {
            request.append_header(*header)
        });
        Part::of(&request.to_http_request())
    }

    #[test]
    fn a_part_has_a_number_and_the_rows_before_it() {
        let part = |number, end, rows_before| {
            Ok(Some(Part {
                number,
                end,
                rows_before,
            }))
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("Batch-Part", "1"), ("Row-Offset", "0")]), part(1, false, 0));
        for end in ["7;end", "7; end", "7 ;end "] {
            let read = of(&[("Batch-Part", end), ("Row-Offset", "100000")]);
            assert_eq!(read, part(7, true, 100_000), "{end}");
        }
        for bad in [
            "",
            "0",
            "x",
            "-1",
            "1;last",
            "1;end=?1",
            "1;end;end",
            "1000000",
            "100001",
            "1.5",
        ] {
            let read = of(&[("Batch-Part", bad), ("Row-Offset", "0")]);
            assert_eq!(read, Err(Problem::BatchPart), "{bad}");
        }
        for bad in ["", "-1", "100001", "1;end", "+1"] {
            let read = of(&[("Batch-Part", "1"), ("Row-Offset", bad)]);
            assert_eq!(read, Err(Problem::BatchPart), "{bad}");
        }
        let (part, offset) = (("Batch-Part", "1"), ("Row-Offset", "0"));
        for headers in [
            &[part][..],
            &[offset],
            &[part, part, offset],
            &[part, offset, offset],
        ] {
            assert_eq!(of(headers), Err(Problem::BatchPart));
        }
    }
}
