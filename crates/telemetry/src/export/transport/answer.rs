//! What a receiver of OTLP/HTTP answers.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use http::response::Parts;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::export::failure::{Again, Failure};

/// The receiver took the request, but for some of its records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) rejected: u64,
    pub(crate) reason: String,
}

/// The partial success in an answer that says that all is well.
pub(super) fn partial_success(body: &[u8]) -> Result<Accepted, Failure> {
    // The three answers have the same shape.
    let partial = otlp::walk::partial_success(body);
    let partial = partial.map_err(|error| Failure::bad_answer(format!("the answer is no OTLP: {error}")))?;
    Ok(Accepted { rejected: partial.rejected_spans, reason: partial.error_message.to_owned() })
}

pub(super) fn http(head: &Parts, body: &[u8]) -> Result<Accepted, Failure> {
    let status = head.status.as_u16();
    if head.status.is_success() {
        let json =
            head.headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        // Some receivers answer in JSON whatever they were sent; their status is all there is to read.
        return if json { Ok(Accepted::default()) } else { partial_success(body) };
    }
    Err(Failure::refused(status.to_string(), format!("the receiver answered {}", head.status), again(head)))
}

/// Whether a status other than success may pass, and when.
pub(super) fn again(head: &Parts) -> Again {
    match head.status.as_u16() {
        429 | 502 | 503 | 504 => retry_after(&head.headers).map_or(Again::Later, Again::after),
        _ => Again::Never,
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = OffsetDateTime::parse(&text.replace("GMT", "+0000"), &Rfc2822).ok()?;
    Some(SystemTime::from(date).duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, header: Option<(&'static str, &'static str)>, body: &[u8]) -> Result<Accepted, Failure> {
        let mut response = http::Response::builder().status(status);
        if let Some((name, value)) = header {
            response = response.header(name, value);
        }
        super::http(&response.body(()).expect("a response").into_parts().0, body)
    }

    fn again(status: u16, header: Option<(&'static str, &'static str)>) -> Again {
        answer(status, header, b"").expect_err("refused").again
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [429, 502, 503, 504] {
            assert_eq!(again(status, None), Again::Later, "{status}");
        }
        for status in [400, 401, 404, 413, 500, 501] {
            assert_eq!(again(status, None), Again::Never, "{status}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_and_no_time_at_all_is_no_wish() {
        assert_eq!(again(503, Some(("retry-after", "7"))), Again::After(Duration::from_secs(7)));
        let Again::After(wish) = again(503, Some(("retry-after", "Fri, 31 Dec 2199 23:59:59 GMT"))) else {
            panic!("a date is a wish")
        };
        assert!(wish > Duration::from_secs(60 * 365 * 86_400), "{wish:?}");
        assert_eq!(again(429, Some(("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"))), Again::Later);
        assert_eq!(again(429, Some(("retry-after", "0"))), Again::Later);
        assert_eq!(again(503, Some(("retry-after", "soon"))), Again::Later);
    }

    #[test]
    fn a_page_that_says_200_to_everything_is_no_receiver() {
        let page = answer(200, Some(("content-type", "text/html")), b"<html>welcome</html>");
        assert_eq!(page.expect_err("no receiver").error_type, "bad_answer");
        assert_eq!(answer(200, None, b"").expect("all taken"), Accepted::default());
        assert_eq!(answer(200, Some(("content-type", "application/json")), b"{}").expect("taken"), Accepted::default());
        let partial = answer(200, None, b"\x0a\x08\x08\xac\x02\x12\x03why").expect("some taken");
        assert_eq!(partial, Accepted { rejected: 300, reason: "why".to_owned() });
    }
}
