//! A body's rules, from the same schema that the OpenAPI document shows.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::error::{TypeKind, ValidationErrorKind as Rule};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::problem::{FieldError, Problem};

/// The most errors that one answer lists: enough to mend a form, and not a way to make answers huge.
const MOST_ERRORS: usize = 50;

/// The compiled schema of each type that this server has seen in a body. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schemas(Arc<RwLock<HashMap<TypeId, Arc<Validator>>>>);

impl Schemas {
    /// Checks `value` against the schema of `T`: 422 with everything that is wrong.
    pub(crate) fn check<T: ToSchema + 'static>(&self, value: &Value) -> Result<(), Problem> {
        let validator = self.validator::<T>()?;
        let mut errors: Vec<_> =
            validator.iter_errors(value).flat_map(|error| told(&error)).take(MOST_ERRORS).collect();
        if errors.is_empty() {
            return Ok(());
        }
        errors.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        Err(Problem::invalid(errors))
    }

    fn validator<T: ToSchema + 'static>(&self) -> Result<Arc<Validator>, Problem> {
        let key = TypeId::of::<T>();
        if let Some(validator) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(validator));
        }
        let validator = Arc::new(compile::<T>()?);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&validator));
        Ok(validator)
    }
}

fn compile<T: ToSchema>() -> Result<Validator, Problem> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let schemas: serde_json::Map<_, _> = schemas
        .into_iter()
        .map(|(name, schema)| Ok((name, serde_json::to_value(schema)?)))
        .collect::<Result<_, serde_json::Error>>()
        .map_err(Problem::internal)?;
    let root = json!({
        "$ref": format!("#/components/schemas/{}", T::name()),
        "components": { "schemas": schemas },
    });
    jsonschema::validator_for(&root).map_err(|error| Problem::internal(error.to_string()))
}

/// One or more errors in our own words: a validator's would repeat what was sent.
fn told(error: &ValidationError<'_>) -> Vec<FieldError> {
    let at = error.instance_path().to_string();
    let one = |detail: String| vec![FieldError::new(at.clone(), detail)];
    match error.kind() {
        Rule::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(format!("{at}/{}", escaped(name)), "is missing")]
        }
        Rule::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| FieldError::new(format!("{at}/{}", escaped(name)), "is not a known field"))
            .collect(),
        Rule::Type { kind } => one(format!("must be {}", type_words(kind))),
        Rule::Minimum { limit } => one(format!("must be at least {limit}")),
        Rule::Maximum { limit } => one(format!("must be at most {limit}")),
        Rule::MinLength { limit: 1 } => one("must not be empty".to_owned()),
        Rule::MinLength { limit } => one(format!("must have at least {limit} characters")),
        Rule::MaxLength { limit } => one(format!("must have at most {limit} characters")),
        Rule::MinItems { limit } => one(format!("must have at least {limit} items")),
        Rule::MaxItems { limit } => one(format!("must have at most {limit} items")),
        Rule::Pattern { .. } if at.ends_with("email") => one("must be an email address".to_owned()),
        Rule::Pattern { pattern } if pattern.contains("x00") => one("must not have control characters".to_owned()),
        Rule::Pattern { pattern } => one(format!("must be of the form {pattern}")),
        Rule::Enum { options } => one(format!("must be one of {options}")),
        Rule::Format { format } => one(format!("must be a {format}")),
        Rule::OneOfNotValid { context } | Rule::AnyOf { context } => {
            // A field that may also be null: what is wrong with the other choice says more.
            let inner: Vec<_> =
                context.iter().flatten().filter(|error| !is_null_choice(error)).flat_map(told).collect();
            if inner.is_empty() { one("is not a value that can be".to_owned()) } else { inner }
        }
        _ => one("is not a value that can be".to_owned()),
    }
}

fn is_null_choice(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Rule::Type { kind } if type_words(kind) == "null")
}

/// The type, or the types but for null: a field that may be null may as well be left out.
fn type_words(kind: &TypeKind) -> String {
    let named = |kind: JsonType| match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    };
    match kind {
        TypeKind::Single(kind) => named(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let kinds = kinds.iter().filter(|kind| *kind != JsonType::Null);
            kinds.map(named).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// A name as a part of a JSON pointer (RFC 6901 section 3).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
