//! The program: what it prints, how it fails, how it ends.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn program(flags: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_session-gateway"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SESSION_GATEWAY_")) {
        command.env_remove(name);
    }
    command.args(flags).envs(environment.iter().copied());
    command
}

/// Runs a program that fails; gives its exit code and what it says.
fn failure(flags: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let Output { status, stdout, stderr } = program(flags, environment).output().unwrap();
    assert!(stdout.is_empty(), "nothing runs: {}", String::from_utf8_lossy(&stdout));
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and reads so many lines of what it prints.
fn running(flags: &[&str], environment: &[(&str, &str)], lines: usize) -> (Running, Vec<String>) {
    let child =
        program(flags, environment).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let stdout = running.0.stdout.as_mut().unwrap();
    let lines = BufReader::new(stdout).lines().take(lines).map(Result::unwrap).collect();
    (running, lines)
}

#[test]
fn it_prints_where_it_listens_and_what_to_open() {
    let environment = [("SESSION_GATEWAY_LISTEN", "127.0.0.1:0"), ("SESSION_GATEWAY_DEMO", "1")];
    let (_running, lines) = running(&[], &environment, 3);
    let base = lines[0].strip_prefix("Perspective Session Info gateway is listening on ").unwrap();
    assert!(base.starts_with("http://127.0.0.1:") && !base.ends_with(":0"), "{base}");
    assert_eq!(lines[1], format!("  demo page       {base}/demo/MyProject"));
    let token =
        lines[2].strip_prefix(&format!("  designer panel  {base}/designer/#token=")).unwrap();
    assert_eq!(token.len(), 32);
}

/// Asks for the sessions with a read token, at the address in a line that was printed.
fn sessions(line: &str, token: &str) -> String {
    let host = line.rsplit("//").next().unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let headers = format!("Host: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}");
    write!(stream, "GET /v1/sessions HTTP/1.1\r\n{headers}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_secret_can_be_a_file_and_is_not_printed() {
    let file = std::env::temp_dir().join(format!("read-token-{}", std::process::id()));
    std::fs::write(&file, "from-a-file\r\n").unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--read-token-file", file.to_str().unwrap()];
    let (_running, lines) = running(&flags, &[], 2);
    std::fs::remove_file(file).unwrap();
    assert!(lines[1].ends_with("/designer/"), "{}", lines[1]);
    let answer = sessions(&lines[1], "from-a-file");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn the_log_names_who_reads_and_not_the_token() {
    let token = "seldom-seen".repeat(3);
    let file = std::env::temp_dir().join(format!("read-tokens-{}", std::process::id()));
    std::fs::write(&file, format!("panel on the wall: {token}\n")).unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--read-token-file", file.to_str().unwrap()];
    let (mut running, lines) = running(&flags, &[], 2);
    for _ in 0..3 {
        sessions(&lines[1], &token);
    }
    running.0.kill().unwrap();
    std::fs::remove_file(file).unwrap();
    let mut logs = String::new();
    running.0.stderr.as_mut().unwrap().read_to_string(&mut logs).unwrap();
    assert_eq!(logs.matches("panel on the wall").count(), 1, "{logs}");
    assert!(!logs.contains("seldom-seen"), "{logs}");
}

#[cfg(unix)]
#[test]
fn it_ends_in_good_order_when_told_to() {
    for signal in ["TERM", "INT"] {
        let (mut running, lines) = running(&["--listen", "127.0.0.1:0"], &[], 1);
        // Neither a browser's idle connection nor one that has said nothing yet keeps it from ending.
        let address = lines[0].rsplit('/').next().unwrap();
        let _silent = TcpStream::connect(address).unwrap();
        let mut idle = TcpStream::connect(address).unwrap();
        write!(idle, "HEAD /nowhere HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        assert!(idle.read(&mut [0; 1024]).unwrap() > 0);
        tell(signal, &running);
        let start = Instant::now();
        assert!(running.0.wait().unwrap().success(), "{signal}");
        // After 7 s it would end whatever holds it up.
        assert!(start.elapsed() < Duration::from_secs(5), "{signal}: {:?}", start.elapsed());
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_can_not_be_read_to_its_end_does_not_keep_it_from_ending() {
    let file = std::env::temp_dir().join(format!("read-token-pipe-{}", std::process::id()));
    std::fs::write(&file, "token").unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--read-token-file", file.to_str().unwrap()];
    let (mut running, _) = running(&flags, &[], 2);
    // Whoever opens a pipe to read waits until somebody opens it to write: this test, which then writes nothing.
    std::fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let _never_written = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
    tell("TERM", &running);
    let start = Instant::now();
    let ended = loop {
        match running.0.try_wait().unwrap() {
            Some(status) => break status,
            None if start.elapsed() > Duration::from_secs(10) => panic!("it does not end"),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    std::fs::remove_file(file).unwrap();
    assert!(ended.success());
}

#[cfg(unix)]
fn tell(signal: &str, running: &Running) {
    let told =
        Command::new("kill").args([format!("-{signal}"), running.0.id().to_string()]).status();
    assert!(told.unwrap().success());
}

/// Starts a program and sends it a report but for its last byte. Gives the address too.
#[cfg(unix)]
fn with_a_report_under_way() -> (Running, String, TcpStream) {
    let flags = ["--listen", "127.0.0.1:0", "--body-timeout", "60s"];
    let (running, lines) = running(&flags, &[], 1);
    let address = lines[0].rsplit('/').next().unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!("POST /v1/report HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n");
    // Once it says so, it waits for the body.
    write!(stream, "{head}Expect: 100-continue\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    stream.write_all(b"{").unwrap();
    (running, address, stream)
}

/// Tells a program to end and waits until it has heard.
#[cfg(unix)]
fn tell_to_end(running: &Running, address: &str) {
    tell("TERM", running);
    let deadline = Instant::now() + Duration::from_secs(8);
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "it takes no new connections");
    }
}

#[cfg(unix)]
#[test]
fn what_is_under_way_is_answered_before_the_end() {
    let (mut running, address, mut stream) = with_a_report_under_way();
    tell_to_end(&running, &address);
    stream.write_all(b"}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 400 "), "{answer}");
    assert!(running.0.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn told_twice_it_ends_at_once() {
    let (mut running, address, _stream) = with_a_report_under_way();
    tell_to_end(&running, &address);
    let start = Instant::now();
    tell("INT", &running);
    assert_eq!(running.0.wait().unwrap().code(), Some(1));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_second_gateway_does_not_share_the_address() {
    let (_running, lines) = running(&["--listen", "127.0.0.1:0"], &[], 1);
    let address = lines[0].rsplit('/').next().unwrap();
    let (code, error) = failure(&["--listen", address], &[]);
    assert_eq!(code, 1);
    assert!(error.contains(&format!("can not listen on {address}")), "{error}");
}

#[test]
fn logs_go_to_stderr_and_hold_no_secret() {
    let environment = [("SESSION_GATEWAY_READ_TOKEN", "seldom-seen")];
    let (mut running, _) = running(&["--listen", "127.0.0.1:0"], &environment, 2);
    running.0.kill().unwrap();
    let mut logs = String::new();
    running.0.stderr.as_mut().unwrap().read_to_string(&mut logs).unwrap();
    assert!(!logs.contains("seldom-seen"), "{logs}");
}

#[test]
fn what_is_refused_is_logged_once_and_forges_no_line() {
    for format in ["text", "json"] {
        let flags = ["--listen", "127.0.0.1:0", "--read-token", "t", "--log-format", format];
        let (mut running, lines) = running(&flags, &[], 2);
        let address = lines[0].rsplit('/').next().unwrap();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(address).unwrap();
            // U+0085 ends a line too.
            write!(
                stream,
                "GET / HTTP/1.1\r\nHost: {address}\r\nOrigin: http://x\u{85}FORGED\r\n\
                 Connection: close\r\n\r\n"
            )
            .unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
        running.0.kill().unwrap();
        let mut logs = String::new();
        running.0.stderr.as_mut().unwrap().read_to_string(&mut logs).unwrap();
        let told: Vec<_> = logs.lines().filter(|line| line.contains("FORGED")).collect();
        assert_eq!(told.len(), 1, "{logs}");
        assert!(told[0].contains("refused") && told[0].contains("origin"), "{logs}");
        assert_eq!(told[0].starts_with('{'), format == "json", "{logs}");
        assert!(!logs.contains('\u{85}'), "{logs}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, error) = failure(&["--listen", &address], &[]);
    assert_eq!(code, 1);
    assert!(error.contains(&format!("can not listen on {address}")), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn the_demo_stays_on_loopback() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let (code, error) = failure(&["--demo", "--listen", address], &[]);
        assert_eq!(code, 1);
        assert!(error.contains("--demo") && error.contains("loopback"), "{error}");
    }
}

#[test]
fn a_wrong_setting_is_named_and_a_secret_in_it_not_shown() {
    for (flags, environment, words) in [
        (&["--no-such-flag"][..], &[][..], &["--no-such-flag"][..]),
        (&[], &[("SESSION_GATEWAY_LISTEN", "8188")], &["--listen", "HOST:PORT"]),
        (&[], &[("SESSION_GATEWAY_SESSION_TIMEOUT", "60")], &["--session-timeout"]),
        (&[], &[("SESSION_GATEWAY_DEMO", "perhaps")], &["--demo"]),
        (&["--allow-origin", "plant"], &[], &["--allow-origin"]),
        (&["--alert-sessions", "0"], &[], &["--alert-sessions", "1 or more"]),
        (&[], &[("SESSION_GATEWAY_LOG", "http=loud")], &["--log"]),
        (&["--base-path", "session-info"], &[], &["--base-path", "/session-info"]),
        (&["--tls-cert-file", "cert.pem"], &[], &["--tls-key-file"]),
        (&[], &[("SESSION_GATEWAY_READ_TOKEN", "")], &["SESSION_GATEWAY_READ_TOKEN"]),
        (&[], &[("SESSION_GATEWAY_IDENTITY_SECRET", "seen")], &["SESSION_GATEWAY_IDENTITY_SECRET"]),
        (
            &["--demo"],
            &[("SESSION_GATEWAY_IDENTITY_SECRET", "seen")],
            &["--demo", "--identity-secret"],
        ),
    ] {
        let (code, error) = failure(flags, environment);
        assert_eq!(code, 2, "{error}");
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
        assert!(!error.contains("seen"), "{error}");
    }
}

#[test]
fn a_secret_file_that_can_not_be_used_is_named() {
    let (code, error) = failure(&["--identity-secret-file", "/no/such/file"], &[]);
    assert_eq!(code, 1);
    assert!(error.contains("--identity-secret-file") && error.contains("/no/such/file"), "{error}");
    let (code, error) = failure(&["--read-token-file", "/dev/zero"], &[]);
    assert_eq!(code, 1);
    assert!(error.contains("64 KiB"), "{error}");
    let flags = ["--tls-cert-file", "/no/such/file", "--tls-key-file", "/no/such/file"];
    let (code, error) = failure(&flags, &[]);
    assert_eq!(code, 1);
    assert!(error.contains("--tls-cert-file") && error.contains("/no/such/file"), "{error}");
}

#[test]
fn the_help_shows_no_secret_of_the_environment() {
    let secrets =
        [("SESSION_GATEWAY_READ_TOKEN", "seen"), ("SESSION_GATEWAY_IDENTITY_SECRET", "seen")];
    let Output { status, stdout, .. } = program(&["--help"], &secrets).output().unwrap();
    let help = String::from_utf8(stdout).unwrap();
    assert!(
        status.success() && help.contains("SESSION_GATEWAY_READ_TOKEN") && !help.contains("seen")
    );
}
