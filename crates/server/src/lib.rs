//! The HTTP API of Tidegate: releases, live streams, the journal, tokens, metrics.

pub mod dto;
