//! `ResourceSpans` and `ScopeSpans`: who sent the spans, and what made them.

use super::attributes::{Attributes, check_attribute};
use super::wire::{Fields, Repeated, Section};
use super::{DecodeError, Span};

/// The spans of one resource.
#[derive(Debug, Clone, Copy)]
pub struct ResourceSpans<'a> {
    resource: Option<Resource<'a>>,
    scope_spans: &'a [u8],
    schema_url: &'a str,
}

/// What the spans come from, such as a process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resource<'a> {
    raw: &'a [u8],
    attributes: &'a [u8],
    dropped_attributes: u32,
}

/// The spans of one instrumentation scope.
#[derive(Debug, Clone, Copy)]
pub struct ScopeSpans<'a> {
    scope: Option<Scope<'a>>,
    spans: &'a [u8],
    schema_url: &'a str,
}

/// The library or module that made the spans.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    raw: &'a [u8],
    name: &'a str,
    version: &'a str,
    attributes: &'a [u8],
    dropped_attributes: u32,
}

impl<'a> ResourceSpans<'a> {
    pub(super) fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut resource = None;
        let mut scope_spans = Section::default();
        let mut schema_url = "";
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("ResourceSpans"))? {
            match number {
                1 => resource = Some(Resource::parse(wire.bytes("ResourceSpans.resource")?)?),
                2 => scope_spans.include(from, fields.position()),
                3 => schema_url = wire.text("ResourceSpans.schema_url")?,
                _ => {}
            }
            from = fields.position();
        }
        Ok(Self { resource, scope_spans: scope_spans.of(raw), schema_url })
    }

    /// The resource; an empty one when none was sent.
    pub fn resource(&self) -> Resource<'a> {
        self.resource.unwrap_or_default()
    }

    /// Whether a resource was sent, if only an empty one.
    pub fn has_resource(&self) -> bool {
        self.resource.is_some()
    }

    /// The resource's `service.name`, empty when it has none.
    pub fn service_name(&self) -> &'a str {
        let name = self.resource().attributes().get("service.name");
        name.and_then(|name| name.as_str()).unwrap_or_default()
    }

    /// The address of the conventions that the resource follows.
    pub fn schema_url(&self) -> &'a str {
        self.schema_url
    }

    /// The scopes, each with its spans. After an error nothing follows.
    pub fn scope_spans(&self) -> impl Iterator<Item = Result<ScopeSpans<'a>, DecodeError>> + use<'a> {
        Repeated::new(self.scope_spans, 2, "ResourceSpans.scope_spans", ScopeSpans::parse)
    }
}

impl<'a> Resource<'a> {
    /// Reads and checks the bytes of a `Resource` message.
    pub fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut attributes = Section::default();
        let mut dropped_attributes = 0;
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("Resource"))? {
            match number {
                1 => {
                    check_attribute(wire.bytes("Resource.attributes")?, 0)?;
                    attributes.include(from, fields.position());
                }
                2 => dropped_attributes = wire.varint("Resource.dropped_attributes_count")? as u32,
                _ => {}
            }
            from = fields.position();
        }
        Ok(Self { raw, attributes: attributes.of(raw), dropped_attributes })
    }

    /// The bytes of the message.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its attributes.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.attributes, 1)
    }

    /// How many attributes were left out for a limit.
    pub fn dropped_attributes(&self) -> u32 {
        self.dropped_attributes
    }
}

impl<'a> ScopeSpans<'a> {
    pub(super) fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut scope = None;
        let mut spans = Section::default();
        let mut schema_url = "";
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("ScopeSpans"))? {
            match number {
                1 => scope = Some(Scope::parse(wire.bytes("ScopeSpans.scope")?)?),
                2 => spans.include(from, fields.position()),
                3 => schema_url = wire.text("ScopeSpans.schema_url")?,
                _ => {}
            }
            from = fields.position();
        }
        Ok(Self { scope, spans: spans.of(raw), schema_url })
    }

    /// The scope; an empty one when none was sent.
    pub fn scope(&self) -> Scope<'a> {
        self.scope.unwrap_or_default()
    }

    /// Whether a scope was sent, if only an empty one.
    pub fn has_scope(&self) -> bool {
        self.scope.is_some()
    }

    /// The address of the conventions that the spans follow.
    pub fn schema_url(&self) -> &'a str {
        self.schema_url
    }

    /// The spans. After an error nothing follows.
    pub fn spans(&self) -> impl Iterator<Item = Result<Span<'a>, DecodeError>> + use<'a> {
        Repeated::new(self.spans, 2, "ScopeSpans.spans", Span::parse)
    }
}

impl<'a> Scope<'a> {
    /// Reads and checks the bytes of an `InstrumentationScope` message.
    pub fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut scope = Self { raw, ..Self::default() };
        let mut attributes = Section::default();
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("InstrumentationScope"))? {
            match number {
                1 => scope.name = wire.text("InstrumentationScope.name")?,
                2 => scope.version = wire.text("InstrumentationScope.version")?,
                3 => {
                    check_attribute(wire.bytes("InstrumentationScope.attributes")?, 0)?;
                    attributes.include(from, fields.position());
                }
                4 => {
                    scope.dropped_attributes = wire.varint("InstrumentationScope.dropped_attributes_count")? as u32;
                }
                _ => {}
            }
            from = fields.position();
        }
        scope.attributes = attributes.of(raw);
        Ok(scope)
    }

    /// The bytes of the message.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its version.
    pub fn version(&self) -> &'a str {
        self.version
    }

    /// Its attributes.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.attributes, 3)
    }

    /// How many attributes were left out for a limit.
    pub fn dropped_attributes(&self) -> u32 {
        self.dropped_attributes
    }
}
