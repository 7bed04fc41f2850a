//! Bodies that cross a boundary between services. Data only.
