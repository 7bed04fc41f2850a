//! What the Collector says of itself.

use testkit::Client;

/// Its metrics, as text.
pub struct CollectorMetrics(String);

impl CollectorMetrics {
    /// Asks it.
    pub async fn of(client: &Client) -> Self {
        Self(client.get("/metrics").await.text)
    }

    /// The sum of all samples of this name that have this text among their labels.
    pub fn sum(&self, name: &str, label: &str) -> f64 {
        let of_name =
            self.0.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
        of_name
            .filter(|line| line.contains(label))
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum()
    }
}
