//! Whether the backends are those that this project is tested with, and the services of one version.

use super::finding::Report;
use super::page::{Page, label};
use super::places::Places;
use super::request::Sent;
use super::web::Web;
use native::backends::versions;
use std::collections::BTreeSet;

/// Names those that are not. Another version works as a rule; where something is odd, it is worth knowing.
pub async fn examine(web: &Web, places: &Places, sent: &Sent, report: &mut Report) {
    one_version(sent.services.iter().map(|account| (account.name.as_str(), account.now())), report);
    let asked = [
        (
            "prometheus",
            places.prometheus.as_ref().map(|url| format!("{url}/api/v1/status/buildinfo")),
            versions::PROMETHEUS,
        ),
        ("tempo", places.tempo.as_ref().map(|url| format!("{url}/api/status/buildinfo")), versions::TEMPO),
    ];
    for (name, url, tested) in asked {
        let Some(url) = url else { continue };
        let Ok(answer) = web.json(&url).await else { continue };
        let version = answer["data"]["version"].as_str().or(answer["version"].as_str()).unwrap_or_default();
        let version = version.trim_start_matches('v');
        if !version.is_empty() && version != tested {
            report.warn(
                format!("{name}, version"),
                format!("is {version}"),
                format!("this project is tested with {tested}; keys of its configuration may have changed"),
            );
        }
    }
}

/// Services that were not all replaced disagree about what they tell each other. Each has its version in its metrics.
fn one_version<'a>(services: impl Iterator<Item = (&'a str, &'a Page)>, report: &mut Report) {
    let version = |(name, page): (&'a str, &'a Page)| {
        let (labels, _) = page.series("target_info").next()?;
        Some((name, label(labels, "service_version")?))
    };
    let said: Vec<(&str, &str)> = services.filter_map(version).collect();
    let different: BTreeSet<&str> = said.iter().map(|(_, version)| *version).collect();
    if different.len() > 1 {
        let each: Vec<_> = said.iter().map(|(name, version)| format!("{name} is {version}")).collect();
        report.warn("services, versions", each.join(", "), "start all of them again from one build");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_two_versions_are_named() {
        let page = |version: &str| Page(format!("target_info{{service_name=\"x\",service_version=\"{version}\"}} 1\n"));
        let (old, new) = (page("0.1.0"), page("0.2.0"));
        let mut report = Report::default();
        one_version([("user-service", &new), ("order-service", &new)].into_iter(), &mut report);
        assert!(report.findings.is_empty(), "{report:?}");
        one_version([("user-service", &new), ("order-service", &old)].into_iter(), &mut report);
        assert_eq!(report.findings[0].seen, "user-service is 0.2.0, order-service is 0.1.0");
    }
}
