//! What serde takes for the list of as many sessions as the one argument says, when they stand ready in memory and the
//! buffer is there: the measure of `GET /v1/sessions`. Prints milliseconds, the median of eleven times.

use std::error::Error;
use std::time::{Duration, Instant};

use perspective_session_info::session::{SessionInfo, SessionScope, UNAUTHENTICATED};

const TIMES: usize = 11;

fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args().nth(1).ok_or("how many sessions?")?.parse()?;
    let sessions: Vec<SessionInfo> = (0..count).map(session).collect();
    let mut buffer = Vec::new();
    let mut times = Vec::new();
    for _ in 0..=TIMES {
        let start = Instant::now();
        buffer.clear();
        serde_json::to_writer(&mut buffer, &sessions)?;
        times.push(start.elapsed());
    }
    // The first time the buffer had to grow.
    let mut times: Vec<Duration> = times.split_off(1);
    times.sort_unstable();
    println!("{}", times[TIMES / 2].as_secs_f64() * 1000.0);
    Ok(())
}

/// One as the benchmark's reports make it (tests/bench/gateway/reports.js).
fn session(number: u64) -> SessionInfo {
    let signed = number.is_multiple_of(10);
    SessionInfo {
        user_agent: format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{}.0.0.0 Safari/537.36",
            100 + number % 100
        ),
        id: format!("{number:08}-5e55-4000-8000-000000000000"),
        username: if signed { format!("user-{:08}", number / 100) } else { UNAUTHENTICATED.into() },
        project: "Bench".into(),
        uptime: 10_000 + number,
        client_address: "127.0.0.1".into(),
        last_comm: 1_000 + number % 9_000,
        session_scope: SessionScope::Browser,
        active_pages: 1,
        recent_bytes_sent: 321,
        total_bytes_sent: 1_001_234,
        page_ids: vec![format!("{number:08}-9a9e-4000-8000-000000000000")],
        authorized: signed,
        detail: None,
    }
}
