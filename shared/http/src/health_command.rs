//! The subcommand `health` of every service: asks the service's own health page, for a container
//! without a shell and without curl.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};

/// Time limit of each step: connecting, sending, and every part of the answer.
const WITHIN: Duration = Duration::from_secs(3);
/// Most bytes of the answer that are read; a health page has a few hundred.
const LONGEST: u64 = 64 * 1024;
/// The setting of every service that names its internal address.
const INTERNAL: &str = "INTERNAL_ADDR";

/// Options of `health`.
#[derive(Debug, Parser)]
#[command(
    name = "health",
    about = "Exits with 0 if the service on this machine is ready, otherwise with 1 and the reason"
)]
struct Options {
    /// Address of the service's internal pages; the service's own default if not given.
    #[arg(long, env = INTERNAL)]
    internal_addr: Option<SocketAddr>,

    /// Ask whether the process answers, not whether it is ready.
    #[arg(long)]
    live: bool,
}

/// Carries out `health`, where the process's first argument asks for it; `S` is the service's
/// configuration, whose default for the internal address counts. No other setting is read.
///
/// Prints the reason to standard error where the service is not ready.
pub fn health_command<S: CommandFactory>() -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if arguments.first().is_none_or(|word| word != "health") {
        return None;
    }
    let options = Options::parse_from(arguments);
    let address = options.internal_addr.or_else(default_address::<S>);
    let page = if options.live { "/livez" } else { "/readyz" };
    Some(match address.map(|address| ask(reachable(address), page)) {
        Some(Ok((200, _))) => ExitCode::SUCCESS,
        Some(Ok((status, text))) => refuse(&format!("{page} answers {status}: {text}")),
        Some(Err(error)) => refuse(&format!("{page} does not answer: {error}")),
        None => refuse(&format!(
            "set {INTERNAL} to the address of the service's internal pages"
        )),
    })
}

#[expect(clippy::print_stderr, reason = "a command, not a service")]
fn refuse(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

/// Returns the internal address that a service has where none is set.
fn default_address<S: CommandFactory>() -> Option<SocketAddr> {
    let command = S::command();
    let setting = command
        .get_arguments()
        .find(|argument| argument.get_env().is_some_and(|name| name == INTERNAL))?;
    setting.get_default_values().first()?.to_str()?.parse().ok()
}

/// Returns the address at which this machine reaches a service that listens on `address`: a service
/// that listens everywhere listens on the loopback address too.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Returns the status of a page and its content.
fn ask(address: SocketAddr, page: &str) -> io::Result<(u16, String)> {
    let mut connection = TcpStream::connect_timeout(&address, WITHIN)?;
    connection.set_read_timeout(Some(WITHIN))?;
    connection.set_write_timeout(Some(WITHIN))?;
    let request = format!("GET {page} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    connection.take(LONGEST).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, content) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("the answer is no HTTP"))?;
    Ok((status, content.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Service {
        #[arg(long, env = "INTERNAL_ADDR", default_value = "127.0.0.1:9999")]
        internal_addr: SocketAddr,
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
    }

    /// Answers one request with `answer`, and returns the request.
    fn served(answer: &'static str) -> (SocketAddr, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = connection.read(&mut request).unwrap();
            connection.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        (address, server)
    }

    #[test]
    fn the_services_own_address_counts_and_everywhere_is_here() {
        assert_eq!(
            default_address::<Service>(),
            Some("127.0.0.1:9999".parse().unwrap())
        );
        let here = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(here("0.0.0.0:9080"), "127.0.0.1:9080");
        assert_eq!(here("[::]:9080"), "[::1]:9080");
        assert_eq!(here("127.0.1.3:9080"), "127.0.1.3:9080");
    }

    #[test]
    fn the_pages_status_and_reason_are_read() {
        let (address, server) = served("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 6\r\n\r\nbroker");
        assert_eq!(ask(address, "/readyz").unwrap(), (503, "broker".to_owned()));
        assert!(server.join().unwrap().starts_with("GET /readyz HTTP/1.1\r\n"));

        let (address, server) = served("nonsense");
        assert!(ask(address, "/livez").is_err());
        server.join().unwrap();
    }
}
