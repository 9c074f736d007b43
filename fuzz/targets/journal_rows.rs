//! libFuzzer drives `hostile::journal_rows`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::journal_rows(bytes));
