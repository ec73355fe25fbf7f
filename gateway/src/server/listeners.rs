//! The listening sockets, one for each core.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::lookup_host;

use super::tls::Certificate;
use crate::settings::{Listen, Settings};

/// Connections that may wait to be accepted; the operating system may allow fewer.
const BACKLOG: i32 = 4096;

/// Where the gateway listens: as many sockets of one address as there are cores.
#[derive(Debug)]
pub struct Listeners {
    pub(super) sockets: Vec<TcpListener>,
    pub(super) certificate: Option<Certificate>,
}

impl Listeners {
    /// Listens where the settings say. The demo, where anybody signs in as anybody, listens on loopback only;
    /// plain HTTP beyond it has to be asked for.
    ///
    /// # Errors
    /// Why the gateway can not listen there, for a person to read.
    pub async fn bind(settings: &Settings) -> io::Result<Self> {
        let listen = &settings.listen;
        let addresses: Vec<SocketAddr> = lookup_host((listen.host.as_str(), listen.port))
            .await
            .map_err(|error| in_words(listen, &error))?
            .collect();
        if !addresses.iter().all(|address| address.ip().to_canonical().is_loopback()) {
            check_beyond_loopback(settings)
                .map_err(|why| in_words(listen, &io::Error::other(why)))?;
        }
        let certificate = settings.tls.clone().map(Certificate::load).transpose()?;
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let mut failure = io::Error::other("the name has no address");
        for address in addresses {
            match listen_on(address, cores) {
                Ok(sockets) => return Ok(Self { sockets, certificate }),
                Err(error) => failure = error,
            }
        }
        Err(in_words(listen, &failure))
    }

    /// The address that is listened on, with its real port.
    ///
    /// # Errors
    /// The operating system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.sockets.first().ok_or(io::ErrorKind::NotConnected)?.local_addr()
    }
}

fn in_words(listen: &Listen, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("can not listen on {listen}: {error}"))
}

/// Whether others on the network may reach the gateway.
fn check_beyond_loopback(settings: &Settings) -> Result<(), &'static str> {
    if settings.demo {
        return Err("--demo is for loopback only");
    }
    if settings.tls.is_none() && !settings.allow_plain_http {
        return Err(
            "it is not loopback, where others on the network can read the tokens that are sent in plain HTTP; \
             --tls-cert-file and --tls-key-file prevent it, --allow-plain-http lets them",
        );
    }
    Ok(())
}

/// The kernel deals connections out among sockets that share a port.
#[cfg(target_os = "linux")]
fn listen_on(address: SocketAddr, cores: usize) -> io::Result<Vec<TcpListener>> {
    let first = socket(address)?;
    first.bind(&address.into())?;
    // Only now: it has the port to itself, and a second gateway is told so instead of getting half of the pages.
    first.set_reuse_port(true)?;
    let address = first.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let mut sockets = vec![first];
    while sockets.len() < cores {
        let next = socket(address)?;
        next.set_reuse_port(true)?;
        next.bind(&address.into())?;
        sockets.push(next);
    }
    sockets.into_iter().map(listening).collect()
}

/// The cores take turns at one socket.
#[cfg(not(target_os = "linux"))]
fn listen_on(address: SocketAddr, cores: usize) -> io::Result<Vec<TcpListener>> {
    let first = socket(address)?;
    first.bind(&address.into())?;
    let mut sockets = vec![listening(first)?];
    while sockets.len() < cores {
        sockets.push(sockets[0].try_clone()?);
    }
    Ok(sockets)
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Lets a gateway start again at once. Windows does so anyway, and means something else by it.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    Ok(socket)
}

fn listening(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
