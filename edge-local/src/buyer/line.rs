//! A header that pays, for curl.

use super::ask::{ask, terms};
use super::client::client;
use super::key::{ANVIL_KEY, Key};
use super::sign::sign_offer;
use crate::error::Error;
use crate::facilitator::Wire;

/// Prints a header that pays for URL, so that `curl -H "$(paywall sign URL)" URL` buys it
#[derive(Clone, Debug, clap::Args)]
pub struct SignArgs {
    /// What to buy
    url: String,
    /// Payer's private key, 64 hex digits; by default a public test key with play money
    #[arg(long, value_name = "HEX", default_value = ANVIL_KEY, hide_default_value = true)]
    key: Key,
    /// Version of x402; by default the one that the answer is in
    #[arg(long)]
    wire: Option<Wire>,
    /// Print the payment under this header name
    #[arg(long, value_name = "NAME")]
    header: Option<String>,
    /// How long the payment stays valid; by default as long as the seller allows
    #[arg(long, value_name = "SECONDS")]
    valid_for: Option<u64>,
}

impl SignArgs {
    /// Prints the header's line on standard output, and nothing else.
    pub async fn run(self) -> Result<(), Error> {
        println!("{}", self.line().await?);
        Ok(())
    }

    /// The header's line, `NAME: VALUE`.
    ///
    /// # Errors
    ///
    /// Whatever keeps the seller from asking, or its terms from being signed.
    pub async fn line(&self) -> Result<String, Error> {
        let answer = ask(&client()?, &self.url).await?;
        let status = answer.status();
        if status.is_success() {
            return Err(Error::Free { url: self.url.clone(), status: status.to_string() });
        }
        let challenge = terms(answer, &self.url, self.wire).await?;
        let signed = sign_offer(&challenge, &self.key, self.valid_for)?;
        let name = self.header.as_deref().unwrap_or(signed.header_name());
        Ok(format!("{name}: {}", signed.header_value()))
    }
}
