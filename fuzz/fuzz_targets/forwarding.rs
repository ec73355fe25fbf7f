#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| session_gateway_fuzz::forwarding(input));
