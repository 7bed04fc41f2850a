//! What `/metrics` says, read as strictly as OpenMetrics 1.0 is written.

use std::collections::{BTreeMap, BTreeSet};

/// A sample's labels.
pub type Labels = BTreeMap<String, String>;

/// One line with a value.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Such as `http_server_request_duration_seconds_count`.
    pub name: String,
    /// By name.
    pub labels: Labels,
    /// The value.
    pub value: f64,
    /// One of the measurements behind it.
    pub exemplar: Option<Exemplar>,
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct Exemplar {
    /// By name.
    pub labels: Labels,
    /// What was measured.
    pub value: f64,
    /// When, in seconds since the Unix epoch.
    pub unix_seconds: f64,
}

/// All samples.
#[derive(Clone, Debug)]
pub struct Exposition(pub Vec<Sample>);

impl Exposition {
    /// Reads the text, and panics with the line that breaks a rule.
    pub fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("the last line is # EOF");
        let (mut samples, mut families, mut seen) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        let mut family = String::new();
        for line in body.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.splitn(3, ' ');
                let (keyword, name, rest) = (words.next(), words.next().expect(line), words.next().expect(line));
                if keyword == Some("TYPE") {
                    assert!(families.insert(name.to_owned(), rest.to_owned()).is_none(), "{line}: a second time");
                    family = name.to_owned();
                }
                assert_eq!(name, family, "{line}: families are mixed");
                assert!(matches!(keyword, Some("TYPE" | "UNIT" | "HELP")), "{line}");
                assert!(keyword != Some("UNIT") || name.ends_with(rest), "{line}: the unit is not the name's end");
                continue;
            }
            let sample = sample(line);
            assert!(
                suffixes(&families[&family]).iter().any(|suffix| sample.name == format!("{family}{suffix}")),
                "{line}"
            );
            assert!(seen.insert((sample.name.clone(), sample.labels.clone())), "{line}: a second time");
            samples.push(sample);
        }
        let read = Self(samples);
        read.check_histograms(&families);
        read
    }

    /// The sum of all samples of this name with these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            labels.iter().all(|(key, value)| sample.labels.get(*key).is_some_and(|found| found == value))
        };
        self.0.iter().filter(|sample| sample.name == name).filter(has).map(|sample| sample.value).sum()
    }

    fn check_histograms(&self, families: &BTreeMap<String, String>) {
        for name in families.iter().filter(|(_, kind)| *kind == "histogram").map(|(name, _)| name) {
            let mut last = BTreeMap::<Labels, f64>::new();
            for bucket in self.0.iter().filter(|sample| sample.name == format!("{name}_bucket")) {
                let mut labels = bucket.labels.clone();
                let boundary = labels.remove("le").expect("a bucket has le");
                let below = last.insert(labels.clone(), bucket.value).unwrap_or_default();
                assert!(bucket.value >= below, "{name} {labels:?}: buckets are not cumulative");
                if let Some(exemplar) = &bucket.exemplar {
                    assert!(bucket.value > below, "{name} {labels:?}: an empty bucket has an exemplar");
                    assert!(exemplar.value <= number(&boundary), "{name} {labels:?}: {exemplar:?} is above {boundary}");
                }
                if boundary == "+Inf" {
                    let of = |sample: &&Sample| sample.name == format!("{name}_count") && sample.labels == labels;
                    assert_eq!(
                        self.0.iter().find(of).map(|sample| sample.value),
                        Some(bucket.value),
                        "{name} {labels:?}"
                    );
                }
            }
        }
    }
}

fn suffixes(kind: &str) -> &'static [&'static str] {
    match kind {
        "histogram" => &["_bucket", "_sum", "_count"],
        "counter" => &["_total"],
        "info" => &["_info"],
        "gauge" => &[""],
        other => panic!("a type that no metric of ours has: {other}"),
    }
}

fn sample(line: &str) -> Sample {
    let (sample, exemplar) = match line.split_once(" # ") {
        Some((sample, text)) => (sample, Some(exemplar(text))),
        None => (line, None),
    };
    let (series, value) = sample.rsplit_once(' ').expect(line);
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect(line)),
        None => (series, ""),
    };
    let may_have_one = name.ends_with("_bucket") || name.ends_with("_total");
    assert!(exemplar.is_none() || may_have_one, "{line}: only buckets and counters have exemplars");
    Sample { name: name.to_owned(), labels: self::labels(labels), value: number(value), exemplar }
}

fn exemplar(text: &str) -> Exemplar {
    let (labels, rest) = text.strip_prefix('{').and_then(|text| text.split_once("} ")).expect(text);
    let (value, unix_seconds) = rest.split_once(' ').expect(text);
    let labels = self::labels(labels);
    let characters: usize = labels.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    assert!(characters <= 128, "{text}: the labels of an exemplar are too long");
    Exemplar { labels, value: number(value), unix_seconds: number(unix_seconds) }
}

// No label of a test has a comma or a quote in its value.
fn labels(text: &str) -> Labels {
    let label = |pair: &str| {
        let (key, value) = pair.split_once('=').expect(text);
        (key.to_owned(), value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect(text).to_owned())
    };
    text.split(',').filter(|pair| !pair.is_empty()).map(label).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text}: no number"))
}
