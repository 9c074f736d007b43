//! What may be done to a flag.
