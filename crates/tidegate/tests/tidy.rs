//! Taste as red tests: what ARCHITECTURE.md and CONTRIBUTING.md promise about the shape of the repository.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read the tree must fail")]

#[path = "tidy/dependencies.rs"]
mod dependencies;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/edges.rs"]
mod edges;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/tree.rs"]
mod tree;
