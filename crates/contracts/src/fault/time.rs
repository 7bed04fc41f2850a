//! A time as people write it: a whole number with its unit.

use std::time::Duration;

/// The units with their milliseconds, the longest first.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// `500ms`, `20s`, `5m` or `1h`; `None` for anything else, and for no time at all.
pub fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit())?);
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let millis = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (millis > 0).then(|| Duration::from_millis(millis))
}

/// The same written: whole seconds as seconds, everything else in milliseconds.
pub fn in_words(time: Duration) -> String {
    match time.as_millis() {
        millis if millis % 1_000 == 0 => format!("{}s", millis / 1_000),
        millis => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_its_unit() {
        for (text, millis) in [("500ms", 500), ("20s", 20_000), ("5m", 300_000), ("1h", 3_600_000)] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "20", "s", "0s", "-1s", "1.5s", "2 s", "2S", "99999999999999999999h"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!([in_words(Duration::from_millis(1_500)), in_words(Duration::from_secs(90))], ["1500ms", "90s"]);
    }
}
