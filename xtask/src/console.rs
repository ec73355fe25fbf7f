//! What the commands say while they work.

use crate::error::Error;
use std::time::Instant;

/// Says what was found ready, in one line.
pub fn ready(what: &str) {
    println!("==> {what}");
}

/// Says what `work` does, does it, and says how long it took.
///
/// # Errors
/// Those of `work`.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    println!("==> {title}");
    let start = Instant::now();
    let result = work()?;
    println!("    done in {:.1} s", start.elapsed().as_secs_f64());
    Ok(result)
}
