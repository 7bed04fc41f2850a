//! The fields of an event: told apart by their names, and which of them are told at all.

use tracing::field::{Field, FieldSet};

use super::export::main_has_personal_data;
use crate::active;
use crate::privacy::is_private;

/// The field that holds an event's text.
pub(super) const MESSAGE: &str = "message";

/// Whether a field of an event that has all of these is told: not if its key is private, unless the telemetry that the record
/// belongs to allows it, and not if one before it has its name. JSON and OTLP want each key once.
pub(super) fn is_told(field: &Field, all: &FieldSet) -> bool {
    !all.iter().take(field.index()).any(|earlier| earlier.name() == field.name())
        && (!is_private(field.name()) || personal_data())
}

/// A record that belongs to no telemetry tells nothing private.
fn personal_data() -> bool {
    active::telemetry().map_or_else(main_has_personal_data, |telemetry| telemetry.personal_data())
}
