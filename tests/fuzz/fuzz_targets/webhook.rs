#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| github_bypass_requests_fuzz::webhook(input));
