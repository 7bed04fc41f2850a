//! What tells one series of a metric from another: attributes that both encodings can write.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use otlp::encode::Value;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AttributeValue {
    Bool(bool),
    Int(i64),
    Text(Cow<'static, str>),
}

/// A series' attributes, by their dotted names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Attributes(Vec<(&'static str, AttributeValue)>);

impl Attributes {
    pub(crate) fn add(&mut self, name: &'static str, value: impl Into<AttributeValue>) {
        self.0.push((name, value.into()));
    }

    pub(crate) fn add_if(&mut self, name: &'static str, value: Option<impl Into<AttributeValue>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// These and the others behind them.
    pub(super) fn with(&self, others: Self) -> Self {
        Self(self.0.iter().cloned().chain(others.0).collect())
    }

    /// As OTLP has them.
    pub(super) fn values(&self) -> Vec<(&str, Value<'_>)> {
        let value = |value| match value {
            &AttributeValue::Bool(value) => Value::Bool(value),
            &AttributeValue::Int(value) => Value::Int(value),
            AttributeValue::Text(value) => Value::Str(value),
        };
        self.0.iter().map(|(name, attribute)| (*name, value(attribute))).collect()
    }

    /// As they stand between the braces of OpenMetrics text.
    pub(super) fn labels(&self) -> String {
        let mut labels = String::new();
        for (name, value) in &self.0 {
            if !labels.is_empty() {
                labels.push(',');
            }
            labels.extend(name.chars().map(|character| if character == '.' { '_' } else { character }));
            labels.push_str("=\"");
            // Writing to a String does not fail.
            let _ = match value {
                AttributeValue::Bool(value) => write!(labels, "{value}"),
                AttributeValue::Int(value) => write!(labels, "{value}"),
                AttributeValue::Text(value) => {
                    escape(&mut labels, value);
                    Ok(())
                }
            };
            labels.push('"');
        }
        labels
    }
}

/// Backslash, quote and line feed are escaped (OpenMetrics 1.0, "Escaping").
fn escape(labels: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => labels.push_str("\\\\"),
            '"' => labels.push_str("\\\""),
            '\n' => labels.push_str("\\n"),
            other => labels.push(other),
        }
    }
}

impl<const N: usize> From<[(&'static str, AttributeValue); N]> for Attributes {
    fn from(attributes: [(&'static str, AttributeValue); N]) -> Self {
        Self(attributes.into())
    }
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u16> for AttributeValue {
    fn from(value: u16) -> Self {
        Self::Int(value.into())
    }
}

impl From<&'static str> for AttributeValue {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for AttributeValue {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl From<Cow<'static, str>> for AttributeValue {
    fn from(value: Cow<'static, str>) -> Self {
        Self::Text(value)
    }
}

impl From<Arc<str>> for AttributeValue {
    fn from(value: Arc<str>) -> Self {
        Self::from(&value)
    }
}

impl From<&Arc<str>> for AttributeValue {
    fn from(value: &Arc<str>) -> Self {
        Self::Text(Cow::Owned(value.as_ref().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_label_is_escaped() {
        let attributes = Attributes::from([
            ("a.b", Cow::Borrowed("quote \" backslash \\ line\nfeed").into()),
            ("status", 200.into()),
            ("otel.metric.overflow", true.into()),
        ]);
        assert_eq!(
            attributes.labels(),
            r#"a_b="quote \" backslash \\ line\nfeed",status="200",otel_metric_overflow="true""#
        );
    }
}
