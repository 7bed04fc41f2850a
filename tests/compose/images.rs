//! Which images there are, and that each is named once and exactly.

use crate::project::{services, text, variables};

/// The variable that `${NAME}` stands for.
fn variable(word: &str) -> Option<&str> {
    word.strip_prefix("${")?.strip_suffix('}')
}

#[test]
fn every_image_is_named_in_env_and_nowhere_else() {
    let variables = variables();
    for (name, service) in services() {
        let image = service["image"].as_str().unwrap_or_else(|| panic!("{name} has no image"));
        let variable = variable(image).unwrap_or_else(|| panic!("{name}: {image} is not a variable of .env"));
        assert!(variables.contains_key(variable), "{name}: {variable} is not in .env");
    }
    for line in text("services/Dockerfile").lines().filter(|line| line.starts_with("FROM ")) {
        let image = line.split_whitespace().nth(1).unwrap_or_default();
        let variable = variable(image).unwrap_or_else(|| panic!("{image} is not an argument"));
        assert!(variables.contains_key(variable), "{variable} is not in .env");
    }
}

#[test]
fn every_tag_is_an_exact_one() {
    let images: Vec<(String, String)> = variables().into_iter().filter(|(name, _)| name.ends_with("_IMAGE")).collect();
    assert!(images.len() >= 9, "{images:?}");
    for (name, image) in images {
        let (_, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{name}: {image} has no tag"));
        if name == "RUNTIME_IMAGE" {
            // Distroless has no numbered tags; its folder names the release of Debian.
            assert_eq!(image, "gcr.io/distroless/cc-debian12:nonroot");
            continue;
        }
        let version = tag.trim_start_matches('v').split('-').next().unwrap_or_default();
        let numbers: Vec<&str> = version.split('.').collect();
        let all_numbers = numbers.iter().all(|number| number.parse::<u32>().is_ok());
        // PostgreSQL's releases have two numbers.
        assert!(all_numbers && numbers.len() >= 2, "{name}: {tag} names no release");
    }
}

#[test]
fn the_image_of_our_programs_is_built_in_one_place_and_has_the_workspace_s_version() {
    let builders: Vec<String> =
        services().into_iter().filter(|(_, service)| !service["build"].is_null()).map(|(name, _)| name).collect();
    assert_eq!(builders, ["prepare"], "each builder would build the same image beside the others");
    let version = format!(":{}", env!("CARGO_PKG_VERSION"));
    assert!(variables()["TRACECHAIN_IMAGE"].ends_with(&version), "{}", variables()["TRACECHAIN_IMAGE"]);
}

#[test]
fn the_dockerfile_pulls_no_frontend_and_ends_without_root() {
    let dockerfile = text("services/Dockerfile");
    assert!(!dockerfile.contains("syntax="), "a frontend would have to be pulled, which fails without a registry");
    let user = dockerfile.lines().rfind(|line| line.starts_with("USER ")).expect("a USER");
    assert_eq!(user, "USER 65532:65532");
}
