//! The gateway with a clock that stands still until it is told to move: each line of the standard input
//! moves it on by so many milliseconds, which is answered by the line `advanced`.
//!
//! The end-to-end tests let leases run out with it, where waiting would take minutes.

use std::io::{self, BufRead as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use session_gateway::clock::Clock;
use session_gateway::registry::Time;
use session_gateway::{Gateway, Settings, Surroundings, announcement, bind, run};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::read(std::env::args_os())?;
    let listeners = bind(&settings).await?;
    print!("{}", announcement(&settings, listeners.local_addr()?));
    io::stdout().flush()?;

    let now = Arc::new(AtomicU64::new(0));
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || Time::from_millis(now.load(Ordering::Relaxed))
    });
    std::thread::spawn(move || advance(&now));
    let gateway = Gateway::open(&settings, Surroundings { clock, ..Surroundings::default() })?;
    run(listeners, &settings, gateway, std::future::pending()).await?;
    Ok(())
}

fn advance(now: &AtomicU64) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match line.parse() {
            Ok(ms) => {
                now.fetch_add(ms, Ordering::Relaxed);
                println!("advanced");
            }
            Err(error) => eprintln!("{line:?} is no number of milliseconds: {error}"),
        }
    }
}
