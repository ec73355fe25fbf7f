//! Where to listen, and with which certificate.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::WrongText;

/// Where to listen: an IP address or a host name, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The host as a URL names it: IPv6 addresses without brackets here.
    pub host: String,
    /// The port; 0 stands for any free one.
    pub port: u16,
}

/// What TLS is done with, both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that lead from it towards a root.
    pub cert: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
}

impl FromStr for Listen {
    type Err = WrongText;

    fn from_str(text: &str) -> Result<Self, WrongText> {
        let wrong = WrongText("HOST:PORT, such as 127.0.0.1:8188 or [::1]:0");
        let (host, port) = text.rsplit_once(':').ok_or(wrong)?;
        let port = port.parse().map_err(|_| wrong)?;
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) if address.parse::<std::net::Ipv6Addr>().is_ok() => address,
            None if host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)) => host,
            _ => return Err(wrong),
        };
        if host.is_empty() {
            return Err(wrong);
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
