//! Variables: each is in .env and used, each setting is one that a program reads, and users are the same everywhere.

use crate::project::{list, services, text, variables};
use std::collections::BTreeSet;

/// What Compose itself reads.
const OF_COMPOSE: [&str; 1] = ["COMPOSE_PROFILES"];
/// The variables of other people's programs, by the beginning of their names.
const OF_OTHERS: [&str; 4] = ["GF_", "GOMEMLIMIT", "POSTGRES_", "PGPASSFILE"];
/// What our files for the Collector read.
const OF_THE_COLLECTOR: &str = "otel-collector";

/// The names in `${NAME}` of a text.
fn words(text: &str) -> BTreeSet<String> {
    let after = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
    after.map(|word| word.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_variable_is_in_env_and_every_one_there_is_used() {
    let used = words(&text("docker-compose.yaml"));
    let there: BTreeSet<String> = variables().into_keys().filter(|name| !OF_COMPOSE.contains(&name.as_str())).collect();
    assert_eq!(used, there);
}

#[test]
fn every_setting_of_a_program_of_ours_is_documented() {
    let documented = text("docs/SETTINGS.md");
    for (name, service) in services().into_iter().filter(|(name, _)| name != OF_THE_COLLECTOR) {
        for variable in service["environment"].as_object().into_iter().flatten().map(|(variable, _)| variable) {
            let others = OF_OTHERS.iter().any(|beginning| variable.starts_with(beginning));
            assert!(
                others || documented.contains(&format!("`{variable}`")),
                "{name}: {variable} is not in SETTINGS.md"
            );
        }
    }
}

#[test]
fn every_user_that_volumes_and_secrets_are_prepared_for_is_who_runs() {
    let services = services();
    let prepared = list(&services["prepare"]["command"]);
    let user = |name: &str| services[name]["user"].as_str().unwrap_or_default().to_owned();
    for service in services.keys().filter_map(|name| name.strip_suffix("-service")) {
        let expected = format!("--service={service}={}", user(&format!("{service}-service")));
        assert!(prepared.contains(&expected), "{expected}");
    }
    for name in ["postgres", "grafana"] {
        assert!(prepared.contains(&format!("--{name}={}", user(name))), "{name}");
    }
    assert_eq!(user("roles"), user("postgres"), "they read the same secrets");
    for (name, service) in services.iter().filter(|(name, _)| *name != "prepare") {
        for mount in
            list(&service["volumes"]).iter().filter(|mount| !mount.starts_with("./") && !mount.ends_with(":ro"))
        {
            let Some((volume, _)) = mount.split_once(':').filter(|(volume, _)| !volume.contains('{')) else { continue };
            let expected = format!("--volume=/volumes/{volume}={}", user(name));
            assert!(prepared.contains(&expected), "{expected}");
        }
    }
}
