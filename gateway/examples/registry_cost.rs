//! What the registry costs: `registry_cost SESSIONS` fills one with sessions of one page each and prints, as
//! one line of JSON,
//!
//! - `bytesPerSession`: by how much the process has grown, by session;
//! - `joinNanoseconds`: how long one more report of a session takes, the sessions in no order. The median
//!   of many, the reading of the clock included;
//! - `listRatio`: how long the list takes to be written, in units of the time that serde_json takes to write
//!   the same sessions, ready as structs, to a buffer that is used again. Medians of nine rounds;
//! - `listMilliseconds`, and `userMicroseconds`: how long the list of all takes, and that of a user with ten
//!   sessions.
//!
//! Half of the sessions have a user, each user ten sessions. The user agents are some tens, the paths a dozen,
//! an address has a hundred sessions; all ids and keys differ. The process' size is read from /proc: elsewhere
//! than on Linux `bytesPerSession` is null.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use perspective_session_info::report::{Count, PageReport, Received, Sent, VERSION};
use perspective_session_info::session::{SessionFilter, SessionInfo, SessionScope};
use session_gateway::limits::Limits;
use session_gateway::registry::{Arrival, Listing, Registry, Time};

const ROUNDS: usize = 9;
const JOINS: u64 = 200_000;
const START: u64 = 1_700_000_000_000;
/// Sessions that report within one millisecond.
const PER_MILLISECOND: u64 = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args().nth(1).ok_or("how many sessions?")?.parse()?;
    let limits = Limits {
        sessions: usize::try_from(count)?,
        sessions_per_address: usize::try_from(count)?,
        ..Limits::default()
    };
    let before = resident_bytes();
    let mut registry = Registry::new(limits, Duration::from_mins(10));
    for n in 0..count {
        join(&mut registry, n, 0, at(n))?;
    }
    let grown = before.zip(resident_bytes()).map(|(before, after)| after.saturating_sub(before));
    let bytes = grown.map_or("null".to_owned(), |grown| (grown / count).to_string());

    let mut joins = Vec::new();
    for i in 0..JOINS {
        let n = scattered(i, count);
        // Parsed just before, as the gateway does.
        let (report, user) = (report(n, 1 + i), user(n));
        let arrival =
            Arrival { report: &report, address: address(n), user: user.as_deref(), at: at(count) };
        joins.push(timed(|| {
            let _ = black_box(registry.join(&arrival));
        }));
    }
    let join_ns = median(joins).as_nanos();

    let now = at(count);
    let ready: Vec<SessionInfo> = (0..count).map(|n| info(n, &registry, now)).collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut buffers = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(|| list(&registry, SessionFilter::default(), now, &mut buffers.0)));
        theirs.push(timed(|| {
            buffers.1.clear();
            let _ = serde_json::to_writer(&mut buffers.1, &ready);
        }));
    }
    assert_eq!(buffers.0, buffers.1, "both write the same");
    let (ours, theirs) = (median(ours), median(theirs));

    let filter = SessionFilter { username: "user 3".into(), ..SessionFilter::default() };
    let by_user = median(
        (0..1_000)
            .map(|_| timed(|| list(&registry, filter.clone(), now, &mut buffers.0)))
            .collect(),
    );
    println!(
        "{{\"sessions\":{count},\"bytesPerSession\":{bytes},\"joinNanoseconds\":{join_ns},\
         \"listRatio\":{:.2},\"listMilliseconds\":{:.1},\"userMicroseconds\":{:.1}}}",
        ours.as_secs_f64() / theirs.as_secs_f64(),
        ours.as_secs_f64() * 1e3,
        by_user.as_secs_f64() * 1e6,
    );
    Ok(())
}

fn at(n: u64) -> Time {
    Time::from_millis(START + n / PER_MILLISECOND)
}

/// A permutation of the sessions, near enough.
fn scattered(i: u64, count: u64) -> u64 {
    i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % count
}

fn address(n: u64) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 | u32::try_from(n / 100).unwrap_or_default()).into()
}

fn user(n: u64) -> Option<String> {
    n.is_multiple_of(2).then(|| format!("user {}", n / 20))
}

fn report(n: u64, seq: u64) -> PageReport {
    let sent = Sent { web_socket: Count::saturating(n * 1000 + seq), ..Sent::default() };
    PageReport {
        v: VERSION,
        project: format!("Project {}", n % 8),
        session_id: session_id(n),
        key: format!(
            "{:032x}",
            u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        ),
        token: None,
        page_id: format!("{n:08x}"),
        load: format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        seq: Count::saturating(seq),
        lease_ms: 600_000,
        closing: false,
        scope: SessionScope::Browser,
        user_agent: user_agent(n),
        path: format!("/data/perspective/client/Project/view{}", n % 12),
        visible: true,
        sent,
        received: Received::default(),
        recent_sent: Count::saturating(1000),
        recent_age_ms: Count::saturating(5),
        unmeasured: Count::default(),
    }
}

fn session_id(n: u64) -> String {
    let bits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-0000-4000-8000-{n:012x}", bits >> 32)
}

fn user_agent(n: u64) -> String {
    format!(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/{}.0.0.0 Safari/537.36",
        100 + n % 40
    )
}

fn join(
    registry: &mut Registry,
    n: u64,
    seq: u64,
    at: Time,
) -> Result<(), Box<dyn std::error::Error>> {
    let user = user(n);
    let report = report(n, seq);
    registry.join(&Arrival { report: &report, address: address(n), user: user.as_deref(), at })?;
    Ok(())
}

/// The session, ready to be written by serde_json.
fn info(n: u64, registry: &Registry, now: Time) -> SessionInfo {
    let mut json = Vec::new();
    registry.write_session(&session_id(n), false, now, &mut json);
    let written: serde_json::Value = serde_json::from_slice(&json).unwrap_or_default();
    let number = |key: &str| written[key].as_u64().unwrap_or_default();
    let user = user(n);
    SessionInfo {
        user_agent: user_agent(n),
        id: session_id(n),
        authorized: user.is_some(),
        username: user.unwrap_or_else(|| "Unauthenticated".into()),
        project: format!("Project {}", n % 8),
        uptime: number("uptime"),
        client_address: address(n).to_string(),
        last_comm: number("lastComm"),
        session_scope: SessionScope::Browser,
        active_pages: 1,
        recent_bytes_sent: number("recentBytesSent"),
        total_bytes_sent: number("totalBytesSent"),
        page_ids: vec![format!("{n:08x}")],
        detail: None,
    }
}

fn list(registry: &Registry, filter: SessionFilter, now: Time, out: &mut Vec<u8>) {
    out.clear();
    out.push(b'[');
    let mut listing = Listing::new(filter, false);
    while registry.write_list(&mut listing, now, 256, out) {}
    out.push(b']');
    black_box(out);
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The memory that this process has in use, where the operating system says so.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
