//! libFuzzer drives `hostile::gate_order`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::gate_order(bytes));
