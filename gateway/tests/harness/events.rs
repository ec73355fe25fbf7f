//! A client of server-sent events (HTML standard, section 9.2.6, as far as the gateway needs it).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use super::{Gateway, READ_TOKEN, bearer};

/// A stream of events that is being read.
pub struct Stream {
    connection: BufReader<TcpStream>,
    headers: Vec<String>,
    text: String,
}

/// One event.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
    /// How long to wait before coming again, in milliseconds, where the stream has said so since the last event.
    pub retry: Option<u64>,
}

impl Stream {
    /// Follows the sessions that pass this query.
    pub fn open(gateway: &Gateway, query: &str) -> Self {
        Self::open_with(gateway, query, &[&bearer(READ_TOKEN)])
    }

    /// The same with these header lines, the one with the read token among them.
    pub fn open_with(gateway: &Gateway, query: &str, headers: &[&str]) -> Self {
        let mut connection = gateway.connect();
        let mut request = format!("GET /v1/events{query} HTTP/1.1\r\nHost: {}\r\n", gateway.host());
        for line in headers {
            request += &format!("{line}\r\n");
        }
        connection.write_all((request + "\r\n").as_bytes()).unwrap();
        let mut connection = BufReader::new(connection);
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            connection.read_line(&mut line).unwrap();
            match line.trim_end() {
                "" => break,
                line => headers.push(line.to_owned()),
            }
        }
        assert!(headers[0].starts_with("HTTP/1.1 200"), "{}", headers[0]);
        Self { connection, headers, text: String::new() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The next event; none where the stream has ended.
    pub fn event(&mut self) -> Option<Event> {
        let mut retry = None;
        loop {
            let block = self.block()?;
            let (mut name, mut data) = (None, None);
            for line in block.lines() {
                match line.split_once(": ").unwrap_or((line, "")) {
                    ("event", value) => name = Some(value.to_owned()),
                    ("data", value) => data = Some(serde_json::from_str(value).unwrap()),
                    ("retry", value) => retry = Some(value.parse().unwrap()),
                    (other, _) => assert!(other.is_empty() || other == ":", "{other}"),
                }
            }
            if let (Some(name), Some(data)) = (name, data) {
                return Some(Event { name, data, retry });
            }
        }
    }

    /// The text up to the next empty line.
    fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                return Some(std::mem::replace(&mut self.text, rest));
            }
            let mut line = String::new();
            self.connection.read_line(&mut line).unwrap();
            let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
            let mut chunk = vec![0; length + 2];
            self.connection.read_exact(&mut chunk).unwrap();
            if length == 0 {
                return None;
            }
            self.text += str::from_utf8(&chunk[..length]).unwrap();
        }
    }
}
