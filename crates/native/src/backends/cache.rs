//! The folder in which built programs are kept, for all checkouts of a user.

use crate::{Error, Result, config};
use std::path::PathBuf;

/// `TRACECHAIN_CACHE`, else `tracechain` in `XDG_CACHE_HOME`, else in `~/.cache`; not yet created. Source: XDG Base
/// Directory Specification, which has relative paths ignored.
pub fn cache_directory() -> Result<PathBuf> {
    choose(config::cache(), config::user_cache(), config::home())
        .ok_or_else(|| Error::Unusable("there is no folder for built programs: set TRACECHAIN_CACHE".into()))
}

fn choose(own: Option<PathBuf>, user: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let user = user.filter(|path| path.is_absolute()).or_else(|| home.map(|home| home.join(".cache")));
    own.or_else(|| user.map(|user| user.join("tracechain")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_variable_wins_and_a_relative_folder_of_xdg_is_ignored() {
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(choose(path("/own"), path("/user"), path("/home")), path("/own"));
        assert_eq!(choose(None, path("/user"), path("/home")), path("/user/tracechain"));
        assert_eq!(choose(None, path("relative"), path("/home")), path("/home/.cache/tracechain"));
        assert_eq!(choose(None, None, None), None);
    }
}
