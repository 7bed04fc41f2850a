//! OTLP protobuf without copies: field writers, request walker, OTLP JSON, trace tree.
