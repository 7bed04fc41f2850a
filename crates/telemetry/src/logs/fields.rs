//! The fields of an event: told apart by their names.

use tracing::field::{Field, FieldSet};

/// The field that holds an event's text.
pub(super) const MESSAGE: &str = "message";

/// Whether no field of the event before this one has its name. JSON and OTLP want each key once.
pub(super) fn is_first_of_its_name(field: &Field, all: &FieldSet) -> bool {
    !all.iter().take(field.index()).any(|earlier| earlier.name() == field.name())
}
