//! From how many on somebody wants to know.

use clap::Args;

use super::WrongText;

/// From how many on an alert is raised; none where nothing is set. It is cleared again a tenth lower, so that it
/// does not come and go with every page.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Alerts")]
pub struct AlertSettings {
    /// Raise an alert from so many open sessions on.
    #[arg(long, env = "SESSION_GATEWAY_ALERT_SESSIONS", value_name = "COUNT", value_parser = threshold)]
    pub alert_sessions: Option<u64>,

    /// Raise an alert from so many open pages on.
    #[arg(long, env = "SESSION_GATEWAY_ALERT_PAGES", value_name = "COUNT", value_parser = threshold)]
    pub alert_pages: Option<u64>,
}

/// An alert from none on would never end.
fn threshold(text: &str) -> Result<u64, WrongText> {
    let wrong = WrongText("a whole number, 1 or more");
    text.parse().ok().filter(|count| (1..=u64::from(u32::MAX)).contains(count)).ok_or(wrong)
}
