//! The log: one event a line on stderr, as text or as JSON.
//!
//! What an event tells of (an origin, a path, a user agent) comes from outside. It can neither end the line,
//! nor turn its direction, nor move a terminal's cursor, nor fill the disk: it is escaped and cut.

use std::fmt::{self, Write as _};
use std::io;
use std::time::SystemTime;

use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::{LogFormat, LogSettings};

/// The longest text of one field, in bytes before what is escaped grows.
const MAX_VALUE_BYTES: usize = 1024;
/// The field that `tracing` puts an event's own words in.
const MESSAGE: &str = "message";

/// Writes this program's events to stderr from now on. To be called once.
pub fn start(settings: &LogSettings) {
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Line(settings.log_format))
        .with_writer(io::stderr)
        .with_filter(settings.log.clone());
    tracing_subscriber::registry().with(lines).init();
}

/// How an event becomes a line.
struct Line(LogFormat);

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let time = humantime::format_rfc3339_millis(SystemTime::now());
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let mut fields = Fields::default();
        event.record(&mut fields);
        match self.0 {
            LogFormat::Text => {
                write!(line, "{time} {level:>5} {target}: {}", fields.message)?;
                for (name, value) in &fields.others {
                    write!(line, " {name}={value}")?;
                }
            }
            LogFormat::Json => {
                let mut object = Map::new();
                object.insert("time".into(), time.to_string().into());
                object.insert("level".into(), level.as_str().into());
                object.insert("target".into(), target.into());
                object.insert(MESSAGE.into(), fields.message.into());
                object.extend(fields.others.into_iter().map(|(name, value)| (name.into(), value)));
                write!(line, "{}", Json::Object(object))?;
            }
        }
        writeln!(line)
    }
}

/// What an event says. Text among the fields is shown in quotes, so that it can not pass for a further field.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Json)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = Value::of(format_args!("{value:?}"));
        match field.name() {
            MESSAGE => self.message = text,
            name => self.others.push((name, text.into())),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.others.push((field.name(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.others.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.others.push((field.name(), value.into()));
    }
}

/// Text on its way into the log.
struct Value {
    text: String,
    cut: bool,
}

impl Value {
    fn of(text: fmt::Arguments) -> String {
        let mut value = Self { text: String::new(), cut: false };
        // Writing to a String does not fail.
        let _ = value.write_fmt(text);
        value.text
    }
}

impl fmt::Write for Value {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if self.cut {
                break;
            }
            if self.text.len() >= MAX_VALUE_BYTES {
                self.cut = true;
                self.text.push('…');
            } else if is_harmless(char) {
                self.text.push(char);
            } else {
                // Without a backslash, which JSON and quotes would escape once more.
                write!(self.text, "<U+{:04X}>", u32::from(char))?;
            }
        }
        Ok(())
    }
}

/// Whether a character leaves the line that it stands in as it is: no control character, no separator of lines
/// or paragraphs, none that sets the direction of writing (Unicode Standard Annex 9, section 2).
fn is_harmless(char: char) -> bool {
    !char.is_control()
        && !matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What the log holds after `events`.
    fn logged(format: LogFormat, events: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer()
            .event_format(Line(format))
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), events);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    /// Text that would begin a line of its own, colour it, turn its direction, or end a JSON string.
    const FORGED: &str = "x\r\n2026-01-01T00:00:00Z  INFO all is well\u{1b}[31m\u{85}\u{2028}\u{202e}\u{7f}z\" level=\"";

    #[test]
    fn foreign_text_forges_no_line_and_no_field() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = logged(format, || {
                tracing::warn!(path = FORGED, shown = %FORGED, seen = ?FORGED, "refused");
                tracing::warn!("refused: {FORGED}");
            });
            assert_eq!(log.lines().count(), 2, "{log}");
            assert!(
                log.ends_with('\n') && log.lines().all(|l| l.chars().all(is_harmless)),
                "{log}"
            );
            assert!(!log.lines().next().unwrap().contains(r#"z" level="#), "{log}");
        }
        let log = logged(LogFormat::Json, || tracing::warn!(path = FORGED, "refused"));
        let line: Json = serde_json::from_str(&log).unwrap();
        assert_eq!(line["level"], "WARN");
        assert!(line["path"].as_str().unwrap().starts_with("x<U+000D><U+000A>2026"), "{line}");
    }

    #[test]
    fn a_field_is_cut_when_it_is_long() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = logged(format, || tracing::warn!(path = "π\n".repeat(100_000), "refused"));
            assert!(log.len() < 2 * MAX_VALUE_BYTES, "{}", log.len());
            assert!(log.contains('…'));
        }
    }

    #[test]
    fn a_line_says_when_how_bad_where_from_and_what() {
        let text = logged(LogFormat::Text, || tracing::info!(count = 3, ok = true, "is π"));
        let (time, rest) = text.split_once(' ').unwrap();
        assert!(humantime::parse_rfc3339(time).is_ok(), "{text}");
        assert_eq!(rest, " INFO session_gateway::log::tests: is π count=3 ok=true\n");
        let json = logged(LogFormat::Json, || tracing::info!(count = 3, who = "billy", "is π"));
        let line: Json = serde_json::from_str(&json).unwrap();
        assert_eq!(line["message"], "is π");
        assert_eq!((&line["count"], &line["who"]), (&3.into(), &"billy".into()));
    }
}
