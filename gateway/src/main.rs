//! The program `session-gateway`.

mod signals;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use session_gateway::settings::{ForgetUser, SettingsError, Task};
use session_gateway::storage::forget_user;
use session_gateway::{Gateway, Settings, Surroundings, announcement, bind, log, run};
use tokio_util::sync::CancellationToken;

use self::signals::Signals;

/// The exit code for what went wrong.
const FAILURE: u8 = 1;
/// The exit code for a wrong command line, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Task::read(std::env::args_os()) {
        Ok(Task::Serve(settings)) => {
            log::start(&settings.log);
            end(serve(&settings))
        }
        Ok(Task::ForgetUser(whose)) => end(forget(&whose)),
        Err(SettingsError::Usage(error)) => error.exit(),
        Err(error @ SettingsError::Wrong { .. }) => fail(USAGE, &error),
        Err(error) => fail(FAILURE, &error),
    }
}

fn end(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(FAILURE, &*error),
    }
}

/// Deletes a user's history and says how much it was.
fn forget(ForgetUser { username, data_dir }: &ForgetUser) -> Result<(), Box<dyn Error>> {
    let sessions = forget_user(data_dir, username)?;
    writeln!(io::stdout(), "deleted from the history: {sessions} sessions of {username:?}")?;
    Ok(())
}

fn fail(code: u8, error: &dyn Error) -> ExitCode {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code)
}

fn serve(settings: &Settings) -> Result<(), Box<dyn Error>> {
    // The one thread beside this one hears signals, whatever this one is busy with.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let served = runtime.block_on(start(settings));
    // A look-up of a name or a file on the network can take minutes yet, and nobody needs what comes of it.
    runtime.shutdown_background();
    served
}

async fn start(settings: &Settings) -> Result<(), Box<dyn Error>> {
    let told_to_end = told_to_end()?;
    let gateway = Gateway::open(settings, Surroundings::default())?;
    let listeners = bind(settings).await?;
    let mut stdout = io::stdout();
    stdout.write_all(announcement(settings, listeners.local_addr()?).as_bytes())?;
    stdout.flush()?;
    tracing::info!("started");
    run(listeners, settings, gateway, told_to_end.cancelled()).await?;
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
