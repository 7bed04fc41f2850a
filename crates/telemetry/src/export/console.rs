//! Telemetry on standard output, for looking at by hand.
//!
//! Spans are OTLP JSON, a request a line, as OTLP's file format has them. A log record is a line, and so is each point of
//! a metric:
//!
//! ```text
//! 1763726400.000000000 ERROR orders "an order was lost" order.id=7 trace_id=... span_id=...
//! http.server.request.duration{http.request.method="GET"} count=3 sum=0.012 s
//! ```

use std::fmt::{self, Write as _};
use std::io::Write as _;

use otlp::walk::{AnyValue, Fault, Fields, Wire};

use super::Signal;

/// Writes one export request. A standard output that is gone is nobody's fault here, and nobody looks at it.
pub(crate) fn write(signal: Signal, request: &[u8]) {
    let text = text(signal, request).unwrap_or_else(|fault| format!("{} cannot be shown: {fault}\n", signal.name()));
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn text(signal: Signal, request: &[u8]) -> Result<String, Unreadable> {
    let mut out = String::new();
    match signal {
        Signal::Traces => {
            out = otlp::json::from_protobuf(request)?;
            out.push('\n');
        }
        // `ResourceLogs` and `ResourceMetrics` have their scopes in field 2, and these their records.
        Signal::Logs => each(request, 1, |resource| {
            each(resource, 2, |scope| {
                let mut name = "";
                each(scope, 1, |scope| each(scope, 1, |text| found(&mut name, utf8(text))))?;
                each(scope, 2, |record| log_record(&mut out, name, record))
            })
        })?,
        Signal::Metrics => each(request, 1, |resource| {
            each(resource, 2, |scope| each(scope, 2, |metric| self::metric(&mut out, metric)))
        })?,
    }
    Ok(out)
}

/// The request is not what it should be.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Wire(#[from] Fault),
    #[error(transparent)]
    Decode(#[from] otlp::walk::DecodeError),
    #[error(transparent)]
    Format(#[from] fmt::Error),
}

/// Calls `visit` with each message, text or bytes that field `wanted` of `message` has.
fn each<'a>(
    message: &'a [u8],
    wanted: u32,
    mut visit: impl FnMut(&'a [u8]) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next()? {
        if let (true, Wire::Bytes(content)) = (number == wanted, wire) {
            visit(content)?;
        }
    }
    Ok(())
}

fn found<T>(place: &mut T, value: T) -> Result<(), Unreadable> {
    *place = value;
    Ok(())
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Time, severity, scope, body, attributes, and the trace.
fn log_record(out: &mut String, scope: &str, record: &[u8]) -> Result<(), Unreadable> {
    let (mut nanos, mut severity, mut body) = (0, "", AnyValue::Empty);
    let mut rest = String::new();
    let mut fields = Fields::new(record);
    while let Some((number, wire)) = fields.next()? {
        match (number, wire) {
            (1, Wire::Fixed64(time)) => nanos = time,
            (3, Wire::Bytes(text)) => severity = utf8(text),
            (5, Wire::Bytes(value)) => body = AnyValue::parse(value)?,
            (6, Wire::Bytes(pair)) => {
                rest.push(' ');
                attribute(&mut rest, pair)?;
            }
            (9, Wire::Bytes(id)) => hex(&mut rest, "trace_id", id)?,
            (10, Wire::Bytes(id)) => hex(&mut rest, "span_id", id)?,
            _ => {}
        }
    }
    write!(out, "{}.{:09} {severity} {scope} ", nanos / 1_000_000_000, nanos % 1_000_000_000)?;
    value(out, body)?;
    writeln!(out, "{rest}")?;
    Ok(())
}

/// A line for each of the metric's points.
fn metric(out: &mut String, metric: &[u8]) -> Result<(), Unreadable> {
    let (mut name, mut unit) = ("", "");
    each(metric, 1, |text| found(&mut name, utf8(text)))?;
    each(metric, 3, |text| found(&mut unit, utf8(text)))?;
    // Gauge, sum and histogram all have their points in field 1.
    for data in [5, 7, 9] {
        each(metric, data, |data| {
            each(data, 1, |point| self::point(out, name, unit, point, data_of_histogram(metric)))
        })?;
    }
    Ok(())
}

/// Whether the metric is a histogram: its points have their attributes in another field than the others have.
fn data_of_histogram(metric: &[u8]) -> bool {
    let mut is_histogram = false;
    let _ = each(metric, 9, |_| found(&mut is_histogram, true));
    is_histogram
}

fn point(out: &mut String, name: &str, unit: &str, point: &[u8], histogram: bool) -> Result<(), Unreadable> {
    write!(out, "{name}{{")?;
    let mut first = true;
    each(point, if histogram { 9 } else { 7 }, |pair| {
        if !std::mem::take(&mut first) {
            out.push_str(", ");
        }
        attribute(out, pair)
    })?;
    out.push('}');
    let mut fields = Fields::new(point);
    while let Some((number, wire)) = fields.next()? {
        match (number, wire, histogram) {
            (4, Wire::Fixed64(count), true) => write!(out, " count={count}")?,
            (5, Wire::Fixed64(sum), true) => write!(out, " sum={}", f64::from_bits(sum))?,
            (4, Wire::Fixed64(value), false) => write!(out, " {}", f64::from_bits(value))?,
            (6, Wire::Fixed64(value), false) => write!(out, " {}", value as i64)?,
            _ => {}
        }
    }
    writeln!(out, " {unit}")?;
    Ok(())
}

/// `key=value`.
fn attribute(out: &mut String, pair: &[u8]) -> Result<(), Unreadable> {
    let mut key = "";
    each(pair, 1, |text| found(&mut key, utf8(text)))?;
    out.push_str(key);
    out.push('=');
    each(pair, 2, |content| value(out, AnyValue::parse(content)?))
}

/// A text is quoted, and what would move the cursor or colour the terminal is escaped.
fn value(out: &mut String, value: AnyValue<'_>) -> Result<(), Unreadable> {
    match value {
        AnyValue::Str(text) => write!(out, "{text:?}")?,
        AnyValue::Bool(value) => write!(out, "{value}")?,
        AnyValue::Int(value) => write!(out, "{value}")?,
        AnyValue::Double(value) => write!(out, "{value}")?,
        AnyValue::Empty => {}
        AnyValue::Array(_) | AnyValue::KvList(_) | AnyValue::Bytes(_) => out.push_str("..."),
    }
    Ok(())
}

fn hex(out: &mut String, name: &str, id: &[u8]) -> Result<(), Unreadable> {
    write!(out, " {name}=")?;
    id.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use otlp::encode::logs::{LogRecord, Severity, SpanReference, append_log};
    use otlp::encode::metrics::{HistogramRecord, MetricKind, MetricRecord, Number, Period, Scope, append_request};
    use otlp::encode::{SpanRecord, TraceRequest, Value};
    use otlp::{SpanId, TraceId, field};

    use super::*;

    #[test]
    fn spans_are_a_line_of_otlp_json() {
        let mut request = TraceRequest::new(&[("service.name", Value::Str("a"))], "scope", "1");
        request.push(&SpanRecord {
            trace_id: TraceId([1; 16]),
            span_id: SpanId([2; 8]),
            name: "x\ny",
            ..Default::default()
        });
        let text = text(Signal::Traces, request.bytes()).expect("a request");
        assert!(text.starts_with("{\"resourceSpans\":[") && text.ends_with("}\n"), "{text}");
        assert_eq!((text.lines().count(), text.contains("x\\ny")), (1, true), "{text}");
    }

    #[test]
    fn a_log_record_is_a_line_from_which_nothing_breaks_out() {
        let span = SpanReference { trace_id: TraceId([1; 16]), span_id: SpanId([2; 8]), flags: 1 };
        let record =
            LogRecord { unix_nanos: 5_000_000_007, severity: Severity::Warn, span: Some(span), ..Default::default() };
        let mut request = Vec::new();
        field::message(&mut request, 1, |out| {
            field::message(out, 2, |out| {
                field::message(out, 1, |out| field::text(out, 1, "orders"));
                append_log(out, &record, |writer| {
                    writer.body("lost\n\u{1b}[31m");
                    writer.attribute("order.id", Value::Int(7));
                    writer.attribute("why", Value::Str("away"));
                });
            });
        });
        let expected = format!(
            "5.000000007 WARN orders \"lost\\n\\u{{1b}}[31m\" order.id=7 why=\"away\" trace_id={} span_id={}\n",
            "01".repeat(16),
            "02".repeat(8)
        );
        assert_eq!(text(Signal::Logs, &request).expect("a request"), expected);
    }

    #[test]
    fn a_point_of_a_metric_is_a_line() {
        let mut request = Vec::new();
        let scope = Scope { name: "scope", ..Scope::default() };
        let metric = |name, kind| MetricRecord { name, description: "", unit: "s", kind };
        append_request(&mut request, &[], &scope, |metrics| {
            metrics.metric(&metric("gauge", MetricKind::Gauge), |points| {
                points.number(&[], Period::default(), Number::Double(0.5));
            });
            metrics.metric(&metric("sum", MetricKind::Sum { monotonic: true }), |points| {
                points.number(&[("a", Value::Str("b")), ("c", Value::Bool(true))], Period::default(), Number::Int(-3));
            });
            metrics.metric(&metric("histogram", MetricKind::Histogram), |points| {
                let record = HistogramRecord { bounds: &[1.0], counts: &[2, 1], sum: 3.5, ..Default::default() };
                points.histogram(&[("a", Value::Int(1))], Period::default(), &record);
            });
        });
        let expected = "gauge{} 0.5 s\nsum{a=\"b\", c=true} -3 s\nhistogram{a=1} count=3 sum=3.5 s\n";
        assert_eq!(text(Signal::Metrics, &request).expect("a request"), expected);
    }

    #[test]
    fn bytes_that_are_no_request_are_told_and_do_not_panic() {
        for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
            assert!(text(signal, &[0x0a, 0x05, 0x12]).is_err());
            assert!(text(signal, &[]).is_ok());
        }
    }
}
