//! Numbers from a page of metrics, as OpenMetrics or as Prometheus text.

/// A page of metrics.
#[derive(Debug, Clone, Default)]
pub struct Page(pub String);

impl Page {
    /// The series of a metric: labels as they stand between the braces, and the value.
    pub fn series<'a>(&'a self, metric: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        self.0.lines().filter_map(move |line| {
            let rest = line.strip_prefix(metric)?;
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.split_once('}')?,
                None => ("", rest),
            };
            // A longer name that begins alike is another metric.
            let value = value.strip_prefix(' ')?;
            Some((labels, value.split(' ').next()?.parse().ok()?))
        })
    }

    /// The sum of the series that have a label, such as `result="DROP"`; of all with an empty one.
    pub fn sum(&self, metric: &str, label: &str) -> f64 {
        self.series(metric).filter(|(labels, _)| labels.contains(label)).map(|(_, value)| value).sum()
    }

    /// The sum of the series that do not have a label of this name.
    pub fn sum_without(&self, metric: &str, name: &str) -> f64 {
        let without =
            |labels: &str| !labels.contains(&format!("{name}=\"")) || labels.contains(&format!("{name}=\"\""));
        self.series(metric).filter(|(labels, _)| without(labels)).map(|(_, value)| value).sum()
    }
}

/// The value of a label.
pub fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = labels.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_found_by_name_and_label() {
        let page = Page(
            "# TYPE spans counter\nspans_total{result=\"DROP\"} 2\nspans_total{result=\"KEEP\"} 3 # {trace_id=\"1\"} 1\n\
             spans_total_more 9\nplain 4\nsent{error_type=\"503\"} 1\nsent{other=\"x\"} 5\n"
                .to_owned(),
        );
        assert_eq!(page.sum("spans_total", ""), 5.0);
        assert_eq!(page.sum("spans_total", "result=\"DROP\""), 2.0);
        assert_eq!(page.sum("plain", ""), 4.0);
        assert_eq!(page.sum_without("sent", "error_type"), 5.0);
        assert_eq!(page.series("sent").find_map(|(labels, _)| label(labels, "error_type")), Some("503"));
    }
}
