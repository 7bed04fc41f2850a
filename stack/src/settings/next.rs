//! Who comes after a service of the chain.

use std::collections::BTreeMap;

/// Who comes after a service, where that is not the stack's own next one.
#[derive(Debug, Clone, clap::Args)]
pub struct NextArgs {
    /// Puts a service of your own after user, order or audit: its URL becomes that one's NEXT_SERVICE_URL
    #[arg(long, value_name = "SERVICE=URL", value_parser = next_service)]
    next: Vec<(String, String)>,
}

impl NextArgs {
    /// URL by service; the last one counts where one is given twice.
    pub fn by_service(&self) -> BTreeMap<String, String> {
        self.next.iter().cloned().collect()
    }
}

/// Reads `order=http://127.0.0.1:5004`.
fn next_service(text: &str) -> Result<(String, String), String> {
    let (service, url) = text.split_once('=').ok_or("must be SERVICE=URL, such as order=http://127.0.0.1:5004")?;
    let service = service.trim_end_matches("-service");
    if !["user", "order", "audit"].contains(&service) {
        return Err(format!("{service:?} is no service of the chain: user, order or audit"));
    }
    match reqwest::Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "http" && parsed.has_host() => Ok((service.to_owned(), url.to_owned())),
        _ => Err(format!("{url:?} is no http:// URL")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_can_be_put_after_one_of_the_chain_and_after_no_other() {
        let next = next_service("order-service=http://127.0.0.1:5004");
        assert_eq!(next, Ok(("order".to_owned(), "http://127.0.0.1:5004".to_owned())));
        for wrong in ["order", "gateway=http://127.0.0.1:1", "order=127.0.0.1:5004", "order=https://x"] {
            assert!(next_service(wrong).is_err(), "{wrong}");
        }
    }
}
