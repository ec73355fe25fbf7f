//! The program `session-gateway`.

mod signals;

use std::io::{self, Write as _};
use std::process::ExitCode;

use session_gateway::settings::{Settings, SettingsError};
use session_gateway::{Surroundings, announcement, bind, log, run};
use tokio_util::sync::CancellationToken;

use self::signals::Signals;

/// The exit code for what went wrong.
const FAILURE: u8 = 1;
/// The exit code for a wrong command line, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Settings::read(std::env::args_os()) {
        Ok(settings) => {
            log::start(&settings.log);
            match start(&settings) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(FAILURE, &error),
            }
        }
        Err(SettingsError::Usage(error)) => error.exit(),
        Err(error @ SettingsError::Wrong { .. }) => fail(USAGE, &error),
        Err(error) => fail(FAILURE, &error),
    }
}

fn fail(code: u8, error: &dyn std::error::Error) -> ExitCode {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code)
}

// The one thread beside this one hears signals, whatever this one is busy with.
#[tokio::main(worker_threads = 1)]
async fn start(settings: &Settings) -> io::Result<()> {
    let told_to_end = told_to_end()?;
    let listeners = bind(settings).await?;
    let mut stdout = io::stdout();
    stdout.write_all(announcement(settings, listeners.local_addr()?).as_bytes())?;
    stdout.flush()?;
    tracing::info!("started");
    run(listeners, settings, Surroundings::default(), told_to_end.cancelled()).await?;
    tracing::info!("ended");
    Ok(())
}

/// Cancelled when the program is told to end; told again, it ends at once.
fn told_to_end() -> io::Result<CancellationToken> {
    let mut signals = Signals::new()?;
    let told = CancellationToken::new();
    let first = told.clone();
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("ending");
        first.cancel();
        signals.next().await;
        tracing::warn!("ended at once");
        std::process::exit(FAILURE.into());
    });
    Ok(told)
}
