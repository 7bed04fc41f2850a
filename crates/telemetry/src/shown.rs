//! What a `main` returns as an error is shown by its debug form: the errors that it may return are shown in words there, too.

use std::fmt;

use crate::config::WrongSettings;
use crate::pipeline::{FlushError, StartError};

macro_rules! shown_in_words {
    ($($error:ty)*) => {
        $(impl fmt::Debug for $error {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        })*
    };
}

shown_in_words!(WrongSettings StartError FlushError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_main_is_a_sentence() {
        let wrong = WrongSettings(vec!["OTEL_A must be a number".to_owned(), "OTEL_B must be a URL".to_owned()]);
        let shown = "the environment is not valid:\n  OTEL_A must be a number\n  OTEL_B must be a URL";
        assert_eq!(format!("{wrong:?}"), shown);
        assert_eq!(format!("{:?}", FlushError::Lost(7)), "7 records could not be delivered");
    }
}
