//! libFuzzer drives `hostile::gate_handover`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::gate_handover(bytes));
