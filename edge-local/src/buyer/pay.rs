//! The whole exchange, one step at a time, for a person to watch.
//!
//! The story goes to standard error, the content to a file or standard output.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::ask::{ask, terms};
use super::client::{client, next_chunk, root_cause, small_body};
use super::digest;
use super::key::{ANVIL_KEY, Key};
use super::show;
use super::sign::{Signed, sign_offer};
use crate::error::Error;
use crate::facilitator::Wire;

/// How often the same payment is sent again when the seller asks for it.
const RESENDS: u32 = 3;

/// The longest wait that a seller may ask for, in seconds.
const PATIENCE: u64 = 120;

/// Buys URL and shows every step: the terms, what is signed, the answer, the receipt
#[derive(Clone, Debug, clap::Args)]
pub struct PayArgs {
    /// What to buy
    url: String,
    /// Payer's private key, 64 hex digits; by default a public test key with play money
    #[arg(long, value_name = "HEX", default_value = ANVIL_KEY, hide_default_value = true)]
    key: Key,
    /// Version of x402; by default the one that the answer is in
    #[arg(long)]
    wire: Option<Wire>,
    /// Where the content goes; by default standard output, or a short preview on a terminal
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl PayArgs {
    /// Asks, signs once, pays once.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from paying; or what became of the payment, and how to go on with it.
    pub async fn run(self) -> Result<(), Error> {
        let PayArgs { url, key, wire, output } = self;
        let client = client()?;
        eprintln!("1  GET {url}");
        let answer = ask(&client, &url).await?;
        eprintln!("   {}\n", answer.status());
        if answer.status().is_success() {
            eprintln!("This is free. Nothing was signed or paid.");
            return deliver(answer, Sink::open(output.as_deref())?).await;
        }
        let challenge = terms(answer, &url, wire).await?;
        let offer = challenge.first_payable()?;
        eprint!("2  What the seller asks\n{}\n", show::terms(&offer));
        let signed = sign_offer(&challenge, &key, None)?;
        eprint!("3  What is signed (EIP-712)\n{}\n", show::payment(&signed));

        // Before anything is paid: content without a place to go would be lost.
        let sink = Sink::open(output.as_deref())?;
        eprintln!("4  GET {url} with {}", signed.header_name());
        let unsure = |why: String| Error::Unsure {
            why,
            header: format!("{}: {}", signed.header_name(), signed.header_value()),
            url: url.clone(),
        };
        match send(&client, &url, &signed).await.map_err(|why| unsure(why.to_string()))? {
            Outcome::Paid(answer) => {
                eprint!("\n5  Receipt\n{}\n", show::receipt(answer.headers()));
                eprintln!("6  Content");
                deliver(answer, sink).await.map_err(|why| unsure(why.to_string()))
            }
            Outcome::Refused { status, headers, body } => {
                if headers.contains_key("payment-response") {
                    eprint!("\n5  Receipt\n{}", show::receipt(&headers));
                }
                let said = format!("{status}: {}", show::refusal(&body));
                let open = resend_wanted(status, &body);
                Err(if open { unsure(said) } else { Error::Refused { said } })
            }
        }
    }
}

enum Outcome {
    Paid(Response),
    Refused { status: StatusCode, headers: HeaderMap, body: Vec<u8> },
}

/// Sends one payment, and the same one again as long as the seller asks for it and patience lasts.
async fn send(client: &reqwest::Client, url: &str, signed: &Signed) -> Result<Outcome, Error> {
    let mut resends = 0;
    loop {
        let request = client.get(url).header(signed.header_name(), signed.header_value());
        let answer =
            request.send().await.map_err(|why| Error::NoAnswer { why: root_cause(&why) })?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        eprintln!("   {status}");
        if status.is_success() {
            return Ok(Outcome::Paid(answer));
        }
        let body = small_body(answer).await?;
        let wait = headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        let wait = wait.unwrap_or(1);
        if !resend_wanted(status, &body) || resends == RESENDS || wait > PATIENCE {
            return Ok(Outcome::Refused { status, headers, body });
        }
        resends += 1;
        eprintln!("   {}", show::refusal(&body).replace('\n', "\n   "));
        eprintln!("   the same payment again in {wait} s ({resends} of {RESENDS})");
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
}

fn resend_wanted(status: StatusCode, body: &[u8]) -> bool {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    status == StatusCode::SERVICE_UNAVAILABLE && json["paywall"]["resendSamePayment"] == true
}

/// Writes the content where it belongs, and says how much it was and its SHA-256.
async fn deliver(mut answer: Response, mut sink: Sink) -> Result<(), Error> {
    let told = digest::told(answer.headers());
    let mut hash = Sha256::new();
    let mut size = 0u64;
    while let Some(chunk) = next_chunk(&mut answer).await? {
        hash.update(&chunk);
        size += chunk.len() as u64;
        sink.write(&chunk)?;
    }
    let place = sink.close()?;
    let digest: [u8; 32] = hash.finalize().into();
    let hex = alloy_primitives::hex::encode(digest);
    let told = match told {
        None => "",
        Some(told) if told == digest => ", as the seller says",
        Some(_) => ", NOT what the seller says: its Repr-Digest is of other bytes",
    };
    eprintln!("   size        {size} bytes\n   sha256      {hex}{told}\n   {place}");
    Ok(())
}

/// Where content goes.
enum Sink {
    File(Part),
    /// A terminal gets the beginning only.
    Preview(Vec<u8>),
    Stdout,
}

/// A file under a working name, which is gone at the end unless it was whole and got its own.
struct Part {
    path: PathBuf,
    part: PathBuf,
    file: std::fs::File,
}

impl Drop for Part {
    fn drop(&mut self) {
        // Fails when the file got its own name, as it should.
        std::fs::remove_file(&self.part).ok();
    }
}

impl Sink {
    fn open(output: Option<&Path>) -> Result<Sink, Error> {
        let Some(path) = output else {
            let terminal = io::stdout().is_terminal();
            return Ok(if terminal { Sink::Preview(Vec::new()) } else { Sink::Stdout });
        };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = std::fs::File::create(&part).map_err(|why| Error::not_written(&part, why))?;
        Ok(Sink::File(Part { path: path.to_owned(), part, file }))
    }

    fn write(&mut self, chunk: &[u8]) -> Result<(), Error> {
        match self {
            Sink::File(Part { part, file, .. }) => {
                file.write_all(chunk).map_err(|why| Error::not_written(part, why))
            }
            Sink::Preview(kept) => {
                let room = (show::PREVIEWED + 1).saturating_sub(kept.len());
                kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
                Ok(())
            }
            Sink::Stdout => io::stdout().write_all(chunk).map_err(stdout_closed),
        }
    }

    fn close(self) -> Result<String, Error> {
        Ok(match self {
            Sink::File(Part { ref path, ref part, .. }) => {
                std::fs::rename(part, path).map_err(|why| Error::not_written(path, why))?;
                format!("written to  {}", path.display())
            }
            Sink::Preview(kept) => {
                println!("{}", show::preview(&kept));
                "keep it with --output FILE".to_owned()
            }
            Sink::Stdout => {
                io::stdout().flush().map_err(stdout_closed)?;
                "written to  standard output".to_owned()
            }
        })
    }
}

fn stdout_closed(why: io::Error) -> Error {
    Error::not_written(Path::new("to standard output"), why)
}
