//! Building one program: in a folder of its own, and put in place by one rename when it runs.

use super::go::Go;
use super::module::{self, GoMod};
use super::recipe::{Package, Recipe, Source};
use super::work::Work;
use crate::failure::Failure;
use native::backends::{BUILDER, versions};
use native::process::{Spec, run_to_end};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The Collector's builder, as a Go package.
const BUILDER_PACKAGE: &str = "go.opentelemetry.io/collector/cmd/builder";
/// Without symbols for debuggers: a third less to link and to keep.
const STRIPPED: &str = "-s -w";

/// Builds it in `folder`, which is there and empty, and puts it at `target`.
pub fn build(recipe: &Recipe, go: &Go, folder: &Path, target: &Path, work: &Work) -> Result<(), Failure> {
    let name = recipe.program.name();
    let built = folder.join(name);
    match &recipe.source {
        Source::Builder => collector(recipe, go, folder, &built, work)?,
        Source::Module(package) => of_module(recipe, package, go, folder, &built, work)?,
    }
    // A program that cannot say its version is none; better known now than when the stack starts.
    run_to_end(&Spec::new(name, &built).args(["--version"]), "")?;
    let place = target.parent().ok_or_else(|| Failure::failed(format!("{} is no file", target.display())))?;
    fs::create_dir_all(place)?;
    fs::rename(&built, target)?;
    Ok(())
}

fn collector(recipe: &Recipe, go: &Go, folder: &Path, built: &Path, work: &Work) -> Result<(), Failure> {
    let (name, version) = (recipe.program.name(), recipe.version);
    let sources = folder.join("sources");
    fs::write(folder.join("builder.yaml"), BUILDER)?;
    // It would build, too, but says nothing while it does.
    let builder = go
        .command(folder)
        .args(["run", &format!("{BUILDER_PACKAGE}@v{}", versions::COLLECTOR)])
        .args(["--config", "builder.yaml", "--skip-compilation", "--output-path"])
        .args([&sources]);
    work.run(&format!("{name} {version}: fetching its components"), builder)?;
    let build = go.command(&sources).args(["build", "-v", "-trimpath", "-ldflags", STRIPPED, "-o"]).args([built]);
    work.run(&format!("{name} {version}: building"), build)
}

fn of_module(
    recipe: &Recipe,
    source: &Package,
    go: &Go,
    folder: &Path,
    built: &Path,
    work: &Work,
) -> Result<(), Failure> {
    let (name, version) = (recipe.program.name(), recipe.version);
    let Package { module, package, .. } = source;
    let released = format!("{module}@{}", source.version);
    let download = go.command(folder).args(["mod", "download", &released]);
    work.run(&format!("{name} {version}: fetching its source"), download)?;
    // Again, to be told where it is; that reads the module cache only.
    let told = run_to_end(&go.command(folder).args(["mod", "download", "-json", &released]), "")?;
    let downloaded: Downloaded = read(&told, "go mod download")?;
    let told = run_to_end(&go.command(folder).args(["mod", "edit", "-json"]).args([&downloaded.go_mod]), "")?;
    let of: GoMod = read(&told, "go mod edit")?;
    fs::write(folder.join("go.mod"), module::text(module, &source.version, &of))?;
    let named = format!("{STRIPPED} -X {}={version}", source.version_variable);
    let build = go
        .command(folder)
        // go.mod gets what is needed besides, in the versions that the program itself has; sums are checked as always.
        .args(["build", "-v", "-mod=mod", "-trimpath", "-tags", source.tags, "-ldflags", &named, "-o"])
        .args([built])
        .args([format!("{module}/{package}")]);
    work.run(&format!("{name} {version}: building"), build)
}

/// What of `go mod download -json` is read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Downloaded {
    go_mod: PathBuf,
}

fn read<T: serde::de::DeserializeOwned>(told: &str, by: &str) -> Result<T, Failure> {
    serde_json::from_str(told).map_err(|error| Failure::failed(format!("{by} cannot be understood: {error}")))
}
