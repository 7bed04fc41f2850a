//! The images that .env names: there already, pulled, or built as stand-ins.

use crate::docker::{Docker, said, shown};
use native::backends::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// No stand-in can be built of it.
const WITHOUT_STAND_IN: &str = "GRAFANA_IMAGE";
/// Its stand-in is made of a program that few machines have; without it only what looks at log records is left out.
const LOKI: &str = "LOKI_IMAGE";
/// Built from services/Dockerfile, or not used here.
const NOT_PULLED: [&str; 2] = ["TRACECHAIN_IMAGE", "JAEGER_IMAGE"];
/// What says of an image that it is a stand-in; tests/compose/stand-ins/build.sh sets it.
const LABEL: &str = "{{index .Config.Labels \"tracechain.stand-in\"}}";

/// What is there at the end.
#[derive(Debug)]
pub struct Images {
    /// Variables whose image is not the registry's.
    pub stand_ins: BTreeSet<String>,
    /// Variables whose image is not to be had.
    pub missing: BTreeSet<String>,
}

/// Gets whatever is missing.
pub fn get(docker: &Docker, env: &BTreeMap<String, String>) -> Result<Images, String> {
    let wanted: Vec<(&String, &String)> =
        env.iter().filter(|(name, _)| name.ends_with("_IMAGE") && !NOT_PULLED.contains(&name.as_str())).collect();
    let (mut to_build, mut missing) = (Vec::new(), BTreeSet::new());
    for (name, image) in &wanted {
        if docker.ask(&["image", "inspect", image]).is_ok() || docker.ask(&["pull", "--quiet", image]).is_ok() {
            continue;
        }
        if *name == WITHOUT_STAND_IN || *name == LOKI && Program::Loki.find().is_err() {
            missing.insert((*name).clone());
        } else {
            to_build.push(format!("{name}={image}"));
        }
    }
    if !to_build.is_empty() {
        println!("building stand-ins: {to_build:?}");
        shown(build(docker, &to_build))?;
    }
    let is_stand_in = |image: &str| {
        said(docker.command(&["image", "inspect", "--format", LABEL, image])).is_ok_and(|label| label == "yes")
    };
    let stand_ins = wanted.iter().filter(|(_, image)| is_stand_in(image)).map(|(name, _)| (*name).clone()).collect();
    Ok(Images { stand_ins, missing })
}

fn build(docker: &Docker, images: &[String]) -> Command {
    let script = native::state::checkout().join("tests/compose/stand-ins/build.sh");
    let mut command = Command::new(script);
    command.args(images);
    if let Some(host) = &docker.host {
        command.env("DOCKER_HOST", host);
    }
    for program in [Program::Collector, Program::Prometheus, Program::Promtool, Program::Tempo, Program::Loki] {
        if let Ok(path) = program.find() {
            command.env(program.variable(), path);
        }
    }
    command
}
