//! What the pages of the alerts tell one to ask can be asked.

use std::fs;

use native::backends::Program;

use crate::markdown::{Block, blocks};
use crate::runner::has;
use crate::world;

/// Every query of every page is understood; whether it finds anything depends on what is wrong.
pub async fn every_query_of_a_page_can_be_asked() {
    let world = world::everything_kept().await;
    let (prometheus, tempo) = (world.set.prometheus(), world.set.tempo());
    let mut asked = 0;
    for (page, Block { language, code }) in queries() {
        let answer = match language.as_str() {
            "promql" => prometheus.query(&code).await.map(|_| ()),
            "traceql" if has(Program::Tempo) => tempo.search(&code).await.map(|_| ()),
            _ => continue,
        };
        answer.unwrap_or_else(|error| panic!("{page}: {code}: {error}"));
        asked += 1;
    }
    assert!(asked > 0, "no page has a query");
    println!("runbooks: {asked} queries");
}

/// The blocks of code of all pages, each with its page's name.
fn queries() -> Vec<(String, Block)> {
    let folder = native::state::checkout().join("docs/runbooks");
    let pages = fs::read_dir(folder).expect("the pages").map(|page| page.expect("an entry").path());
    let of = |page: std::path::PathBuf| {
        let text = fs::read_to_string(&page).expect("a page");
        blocks(&text).into_iter().map(move |block| (page.display().to_string(), block))
    };
    pages.flat_map(of).collect()
}
