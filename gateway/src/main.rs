//! The program `session-gateway`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use session_gateway::settings::{Settings, SettingsError};
use session_gateway::{Surroundings, announcement, bind, log, run};

/// The exit code for a wrong command line, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Settings::read(std::env::args_os()) {
        Ok(settings) => {
            log::start(&settings.log);
            match start(&settings) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(1, &error),
            }
        }
        Err(SettingsError::Usage(error)) => error.exit(),
        Err(error @ SettingsError::Wrong { .. }) => fail(USAGE, &error),
        Err(error) => fail(1, &error),
    }
}

fn fail(code: u8, error: &dyn std::error::Error) -> ExitCode {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code)
}

#[tokio::main]
async fn start(settings: &Settings) -> io::Result<()> {
    let shutdown = shutdown()?;
    let listener = bind(settings).await?;
    let mut stdout = io::stdout();
    stdout.write_all(announcement(settings, listener.local_addr()?).as_bytes())?;
    stdout.flush()?;
    tracing::info!("started");
    run(listener, settings, Surroundings::default(), shutdown).await;
    tracing::info!("ended");
    Ok(())
}

/// Resolves when the program is told to end: Ctrl-C, or SIGTERM where there is one.
#[cfg(unix)]
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves when the program is told to end: Ctrl-C.
#[cfg(not(unix))]
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
