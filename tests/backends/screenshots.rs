//! The observatory's page as people see it: a browser opens it over a chain that was asked something, and the page has to
//! show those traces. `cargo stack screenshots` keeps the pictures, which the README shows.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::process::Command;

use crate::harness::Chain;
use crate::outlines::WHOLE;
use crate::runner::Outcome;
use crate::traffic::{self, Counts};
use crate::wait::until;

/// Where the pictures go; without it they are looked at and forgotten.
const KEEP_IN: &str = "TRACECHAIN_SCREENSHOTS";
/// A browser takes a second or two; on a busy machine many.
const BROWSER_LIMIT: Duration = Duration::from_secs(60);
/// The page's own time, in milliseconds, in which it asks for what it shows: it asks every two seconds.
const PAGE_TIME: u32 = 6000;
/// What the README has room for, in bytes.
const LARGEST: usize = 300_000;
/// An empty page has a tenth of what a page with traces has, in bytes.
const SMALLEST: usize = 30_000;
/// What the list shows.
const REQUESTS: Counts = Counts { whole: 8, failing: 1, unknown_user: 1, no_route: 1 };
/// What the page is made of when it has nothing to show, or something has gone wrong.
const COMPLAINTS: [&str; 3] = ["class=\"empty-state", "class=\"message", "role=\"alert\""];
/// The line across the page that says that the observatory does not answer, when it says nothing.
const SILENT: &str = "id=\"banner\" role=\"status\" hidden";

/// List and trace, in the light and in the dark.
pub async fn the_page_shows_the_traces_of_a_chain() -> Outcome {
    let Ok(browser) = native::programs::find("chromium") else {
        return Outcome::Skipped("needs chromium (apt-get install chromium)");
    };
    let chain = Chain::start().await;
    let sent = traffic::send(&chain, REQUESTS).await;
    let items = json!([{"sku": "book", "quantity": 2}, {"sku": "sticker", "quantity": 3}]);
    let last = chain.process(&json!({"user_id": 1002, "action": "purchase", "items": items})).await;
    assert_eq!(last.status, 200, "{}", last.text);
    for request in &sent {
        chain.backend.expect(&request.trace_id, request.outline).await;
    }
    let spans = WHOLE.trim().lines().count();
    let tree = chain.backend.trace(last.trace_id(), |tree| tree.is_whole() && tree.len() >= spans).await;

    let page = format!("http://{}", chain.backend.server().http_addr());
    let in_list: Vec<_> = sent.iter().map(|request| format!("data-trace=\"{}\"", request.trace_id)).collect();
    let in_trace = tree.nodes.iter().flat_map(|node| [node.name.clone(), node.service.clone()]).collect();
    for (name, url, shown) in
        [("traces", page.clone(), in_list), ("trace", page + "/trace/" + last.trace_id(), in_trace)]
    {
        for theme in [Theme::Light, Theme::Dark] {
            let picture = picture(&browser, &url, theme, &shown).await;
            let size = picture.len();
            assert!((SMALLEST..LARGEST).contains(&size), "{name} in {theme:?} has {size} bytes");
            if let Some(folder) = std::env::var_os(KEEP_IN).map(PathBuf::from) {
                let file = folder.join(format!("{name}{}.png", theme.suffix()));
                std::fs::write(&file, picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                println!("screenshots: {} ({size} bytes)", file.display());
            }
        }
    }
    Outcome::Passed
}

#[derive(Debug, Clone, Copy)]
enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// Blink's number of what the system prefers.
    fn setting(self) -> &'static str {
        match self {
            Self::Light => "--blink-settings=preferredColorScheme=1",
            Self::Dark => "--blink-settings=preferredColorScheme=0",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Light => "",
            Self::Dark => "-dark",
        }
    }
}

/// A picture of the page, when the page has all of this.
async fn picture(browser: &Path, url: &str, theme: Theme, shown: &[String]) -> Vec<u8> {
    until("the page shows it", async || {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("page.png");
        let page = open(browser, url, theme, folder.path(), &file).await?;
        let absent = shown.iter().map(String::as_str).chain([SILENT]).find(|text| !page.contains(text));
        match (absent, COMPLAINTS.iter().find(|complaint| page.contains(**complaint))) {
            (None, None) => std::fs::read(&file).map_err(|error| format!("no picture: {error}")),
            (Some(absent), _) => Err(format!("{absent} is not in {page}")),
            (_, Some(complaint)) => Err(format!("{complaint} is in {page}")),
        }
    })
    .await
}

/// What the page has become after a while of its own time, as HTML, and a picture of it in `file`.
async fn open(browser: &Path, url: &str, theme: Theme, folder: &Path, file: &Path) -> Result<String, String> {
    let mut command = Command::new(browser);
    // A browser that belongs to nobody: no profile, no connection but to the page, nothing of the machine's graphics.
    command.args(["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--hide-scrollbars"]);
    // Its sandbox cannot be had by root, nor in most containers; what it opens is our own page.
    command.arg("--no-sandbox");
    command.args(["--window-size=1280,960", "--force-device-scale-factor=1", "--dump-dom", theme.setting()]);
    command.arg(format!("--virtual-time-budget={PAGE_TIME}"));
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.arg(format!("--screenshot={}", file.display())).arg(url);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(BROWSER_LIMIT, output).await.map_err(|_| "the browser takes too long")?;
    let output = output.map_err(|error| error.to_string())?;
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(page) } else { Err(format!("the browser ends with {}", output.status)) }
}
