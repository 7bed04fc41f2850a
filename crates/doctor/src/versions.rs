//! Whether the backends are those that this project is tested with.

use super::finding::Report;
use super::places::Places;
use super::web::Web;
use native::backends::versions;

/// Names those that are not. Another version works as a rule; where something is odd, it is worth knowing.
pub async fn examine(web: &Web, places: &Places, report: &mut Report) {
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
