//! libFuzzer drives `hostile::gate_snapshot`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::gate_snapshot(bytes));
