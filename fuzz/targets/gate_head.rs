//! libFuzzer drives `hostile::gate_head`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::gate_head(bytes));
