//! libFuzzer drives `hostile::journal_records`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::journal_records(bytes));
