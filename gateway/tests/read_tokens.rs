//! Who may read: several tokens with names, which can be taken out while the gateway runs.

#![allow(clippy::unwrap_used)]

mod harness;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use harness::{Gateway, bearer, start};
use session_gateway::read_tokens::ReadTokens;
use session_gateway::settings::Settings;

const SCRIPTS: &str = "0123456789abcdef0123456789abcdef";
const PANEL: &str = "0123456789ABCDEF0123456789ABCDEF";

/// A file of read tokens, which is there as long as this.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let file = Self(std::env::temp_dir().join(format!("{name}-{}", std::process::id())));
        file.write(text);
        file
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.0, text).unwrap();
    }

    fn flags(&self) -> [&str; 2] {
        ["--read-token-file", self.0.to_str().unwrap()]
    }

    fn tokens(&self) -> std::sync::Arc<ReadTokens> {
        let line = [&["session-gateway"], &self.flags()[..]].concat();
        ReadTokens::new(&Settings::read(line).unwrap().read_tokens)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn status(gateway: &Gateway, token: &str) -> u16 {
    gateway.ask("GET", "/v1/sessions", &[&bearer(token)], b"").status
}

#[test]
fn each_token_of_the_file_may_read_until_it_is_taken_out() {
    let both = format!("# who may read\nscripts: {SCRIPTS}\npanel: {PANEL}\n");
    let file = File::new("taken-out", &both);
    let gateway = start(&file.flags());
    assert_eq!(status(&gateway, SCRIPTS), 200);
    assert_eq!(status(&gateway, PANEL), 200);
    for wrong in ["scripts", &SCRIPTS[1..], &format!("{SCRIPTS}0"), &SCRIPTS.replace('a', "A")] {
        assert_eq!(status(&gateway, wrong), 401, "{wrong}");
    }

    file.write(&format!("panel: {PANEL}\n"));
    let start = Instant::now();
    while status(&gateway, SCRIPTS) == 200 {
        assert!(start.elapsed() < Duration::from_secs(10), "it still holds");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(status(&gateway, PANEL), 200);
}

#[test]
fn who_reads_for_long_can_ask_whether_the_token_still_holds() {
    let file = File::new("holds", &format!("scripts: {SCRIPTS}\npanel: {PANEL}\n"));
    let tokens = file.tokens();
    let (scripts, panel) = (tokens.reader(SCRIPTS).unwrap(), tokens.reader(PANEL).unwrap());
    assert_eq!((scripts.name(), panel.name()), ("scripts", "panel"));
    file.write(&format!("scripts by another name: {SCRIPTS}\n"));
    assert!(panel.holds());
    tokens.look_again();
    assert!(scripts.holds() && !panel.holds());
    assert!(tokens.reader(PANEL).is_none());
    // The last one can be taken out too.
    file.write("# nobody\n");
    tokens.look_again();
    assert!(!scripts.holds());
}

#[test]
fn a_file_that_breaks_while_the_gateway_runs_takes_nothing_from_anybody() {
    let file = File::new("breaks", &format!("scripts: {SCRIPTS}\n"));
    let tokens = file.tokens();
    let reader = tokens.reader(SCRIPTS).unwrap();
    for broken in ["scripts:", "scripts: short", &"# long\n".repeat(10_000)] {
        file.write(broken);
        tokens.look_again();
        assert!(reader.holds(), "{broken}");
    }
    std::fs::remove_file(&file.0).unwrap();
    tokens.look_again();
    assert!(reader.holds());
    file.write(&format!("panel: {PANEL}\n"));
    tokens.look_again();
    assert!(!reader.holds() && tokens.reader(PANEL).is_some());
}

#[test]
fn a_file_of_one_token_alone_has_no_name_for_it() {
    let file = File::new("alone", "short\n");
    assert_eq!(file.tokens().reader("short").unwrap().name(), "default");
}

#[test]
fn a_wrong_file_is_named_with_its_line_and_without_its_tokens() {
    for (text, words) in [
        (format!("panel: {PANEL}\nscripts: {}", &SCRIPTS[1..]), "line 2: a token has 32"),
        (format!("panel: {PANEL}\npanel: {SCRIPTS}"), "line 2: another token has this name"),
        (format!("{PANEL}\n{SCRIPTS}"), "line 1 is no name, colon and token"),
        ("# nobody yet".into(), "no token"),
        (String::new(), "no token"),
    ] {
        let file = File::new("wrong", &text);
        let line = [&["session-gateway"], &file.flags()[..]].concat();
        let error = Settings::read(line).unwrap_err().to_string();
        assert!(error.contains("--read-token-file") && error.contains(words), "{error}");
        assert!(!error.contains(&SCRIPTS[1..]) && !error.contains(PANEL), "{error}");
    }
}
