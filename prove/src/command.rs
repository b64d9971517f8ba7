//! `paywall prove`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use edge_local::buyer::Key;
use next_step::Outcome;

use crate::buyer::Buyer;
use crate::check::Verdict;
use crate::course::prove;
use crate::error::Error;
use crate::http::Http;
use crate::markdown::markdown;
use crate::session::{Limits, Session};
use crate::summary::{end, line};
use crate::target::Target;

/// Tries a seller of x402 from outside, and reports what is right and what is wrong.
///
/// Asks some hundred times, one request after another, as clients, pages and forgers do, with GET, HEAD, POST, PUT,
/// PATCH, DELETE and OPTIONS without a body. Without a key all is tried but a purchase. With one, up to three are made
/// at the asked price. Ends with 1 if something is wrong.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// What is for sale.
    url: String,
    /// Buys it: the environment variable that holds the payer's private key, 64 hex digits.
    #[arg(long, value_name = "NAME", conflicts_with = "key_file")]
    key_env: Option<String>,
    /// Buys it: the file that holds the payer's private key.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Pays real money on this network, eip155:8453 for example: without it only test networks are paid on.
    #[arg(long, value_name = "CAIP-2")]
    main_network: Option<String>,
    /// Another priced URL of the seller at the same price: what was paid for the first must not open it.
    #[arg(long, value_name = "URL")]
    other: Option<String>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
    /// Writes the report as Markdown.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Sends so many requests at most.
    #[arg(long, value_name = "N", default_value_t = Limits::default().requests)]
    max_requests: u32,
    /// Takes so many seconds at most, but for the answer that is awaited then.
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().time.as_secs())]
    max_time: u64,
    /// Reads so many megabytes of an answer at most.
    #[arg(long, value_name = "MB", default_value_t = Limits::default().body / MEGABYTE)]
    max_body: u64,
    /// Waits so many milliseconds before each request.
    #[arg(long, value_name = "MS", default_value_t = 100)]
    pause: u64,
}

const MEGABYTE: u64 = 1024 * 1024;

/// Tries, and writes what is asked for.
///
/// # Errors
///
/// There is no report.
pub fn run(arguments: &Arguments) -> Outcome<ExitCode> {
    let target = Target::parse(&arguments.url)?;
    let other = arguments.other.as_deref().map(Target::parse).transpose()?;
    let buyer = Buyer::new(arguments.key()?, arguments.main_network.clone())?;
    let limits = arguments.limits();
    let mut session = Session::new(Http::new(&limits), limits);
    let report = prove(&mut session, &target, &buyer, other.as_ref(), |checked| {
        if !arguments.json {
            // A reader that has gone is told below.
            let _ = writeln!(io::stdout(), "{}", line(checked));
        }
    })?;
    let text = match arguments.json {
        true => format!("{:#}\n", serde_json::json!(report)),
        false => end(&report),
    };
    let written = io::stdout().write_all(text.as_bytes());
    written.or_else(broken_pipe).map_err(|why| Error::NotWritten {
        path: "the report to standard output".to_owned(),
        why: why.to_string(),
    })?;
    if let Some(path) = &arguments.report {
        fs::write(path, markdown(&report)).map_err(|why| Error::NotWritten {
            path: path.display().to_string(),
            why: why.to_string(),
        })?;
    }
    let wrong = report.of(Verdict::Wrong).next().is_some();
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The reader has gone: `| head`.
fn broken_pipe(why: io::Error) -> io::Result<()> {
    if why.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(why) }
}

impl Arguments {
    fn limits(&self) -> Limits {
        Limits {
            requests: self.max_requests,
            time: Duration::from_secs(self.max_time),
            body: self.max_body.saturating_mul(MEGABYTE),
            pause: Duration::from_millis(self.pause),
            ..Limits::default()
        }
    }

    /// The key that was named. No error repeats it.
    fn key(&self) -> Result<Option<Key>, Error> {
        let text = if let Some(variable) = &self.key_env {
            env::var(variable).map_err(|_| Error::NoKey { variable: variable.clone() })?
        } else if let Some(path) = &self.key_file {
            fs::read_to_string(path).map_err(|why| Error::KeyNotRead {
                path: path.display().to_string(),
                why: why.to_string(),
            })?
        } else {
            return Ok(None);
        };
        let key = text.trim().parse::<Key>();
        key.map(Some).map_err(|why| Error::BadKey { why: format!("{why:#}") })
    }
}
