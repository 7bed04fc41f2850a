//! What a container may do, and who may reach it.

use crate::project::{list, services};

/// Root gives files to their users, and may do nothing else of what root may.
const ROOT: &str = "prepare";

#[test]
fn every_container_is_read_only_without_capabilities_and_cannot_gain_rights() {
    for (name, service) in services() {
        assert_eq!(service["read_only"], true, "{name}: read_only");
        assert_eq!(list(&service["cap_drop"]), ["ALL"], "{name}: cap_drop");
        assert_eq!(list(&service["security_opt"]), ["no-new-privileges:true"], "{name}: security_opt");
        assert!(service["privileged"].is_null(), "{name}: privileged");
        assert!(service["pids_limit"].is_u64(), "{name}: pids_limit");
        if name != ROOT {
            assert!(service["cap_add"].is_null(), "{name}: cap_add");
        }
    }
}

#[test]
fn no_container_but_one_runs_as_root_and_that_one_has_no_network() {
    for (name, service) in services() {
        let user = service["user"].as_str().unwrap_or_else(|| panic!("{name} has no user"));
        let (uid, gid) = user.split_once(':').unwrap_or_else(|| panic!("{name}: {user} is not UID:GID"));
        assert!(gid.parse::<u32>().is_ok(), "{name}: {user}");
        if name == ROOT {
            assert_eq!(service["network_mode"], "none");
            assert_eq!(list(&service["cap_add"]), ["CHOWN", "DAC_OVERRIDE", "FOWNER"]);
        } else {
            assert_ne!(uid.parse(), Ok(0_u32), "{name} runs as root");
        }
    }
}

#[test]
fn what_is_published_is_published_on_this_machine_only() {
    let mut published = 0;
    for (name, service) in services() {
        for port in list(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:${"), "{name}: {port}");
            published += 1;
        }
    }
    assert!(published >= 9, "the seed's ports alone are nine");
}

#[test]
fn folders_of_the_checkout_and_secrets_are_mounted_read_only() {
    for (name, service) in services() {
        for mount in list(&service["volumes"]) {
            let of_the_checkout = mount.starts_with("./");
            let secrets = mount.starts_with("secrets:") && name != ROOT;
            assert!(!(of_the_checkout || secrets) || mount.ends_with(":ro"), "{name}: {mount}");
        }
    }
}

#[test]
fn no_password_stands_in_a_container_s_settings() {
    for (name, service) in services() {
        for (variable, value) in service["environment"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            let secret = variable.contains("PASSWORD") || variable.contains("PASSFILE");
            assert!(!secret || value.starts_with("/run/secrets/"), "{name}: {variable}={value}");
            let authority = value.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
            let user = authority.and_then(|authority| authority.split_once('@')).map(|(user, _)| user);
            assert!(!user.is_some_and(|user| user.contains(':')), "{name}: {variable} has a password");
        }
    }
}
