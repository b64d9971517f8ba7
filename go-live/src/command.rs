//! `paywall go-live`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use content_config::main_networks;
use jiff::Timestamp;
use next_step::Outcome;
use price_table::Auth;
use ship::preflight::{Accepted, Previous, look};
use similar::TextDiff;

use crate::checks::{payee, price, shop};
use crate::confirm::confirm;
use crate::edit::{Wish, edit};
use crate::error::Error;
use crate::facts;
use crate::keys::{self, Keys};
use crate::line::Line;
use crate::purchase::{Purchase, buy};
use crate::write::replace;

/// Takes a shop from a test network to money.
///
/// Checks it as it would be: who is paid, who settles, nodes, store, prices, seal and URLs; facilitators and nodes are asked,
/// and no payment is sent. Then shows what would change in content.toml, comments kept, asks, and writes it: main tokens in
/// the place of test tokens, and what the options name. Nothing is written while a line is wrong. Run again, it finds nothing
/// to change, and checks. After the deployment, `--buy` buys one object with your own key.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Who is paid from now on: your wallet's address; on Solana an account. May be given for each.
    #[arg(long, value_name = "ADDRESS")]
    pay_to: Vec<String>,
    /// Who settles on the main network, in the place of those who do on the test network.
    #[arg(long, value_name = "URL")]
    facilitator: Option<String>,
    /// How that facilitator knows who asks; the key is in the secrets.
    #[arg(long, value_name = "HOW", default_value = "none", requires = "facilitator")]
    facilitator_auth: FacilitatorAuth,
    /// On Solana that facilitator's account, which pays the network's fee.
    #[arg(long, value_name = "ACCOUNT")]
    fee_payer: Option<String>,
    /// A node that is asked, and whose URL takes the place of a test network's in [rpc]; may be repeated.
    #[arg(long, value_name = "NETWORK=URL", value_parser = node)]
    rpc: Vec<(String, String)>,
    /// The file of secrets: keys for facilitators and nodes are tried.
    #[arg(long, value_name = "FILE")]
    secrets: Option<PathBuf>,
    /// Goes on with what a line says that this word accepts; may be repeated.
    #[arg(long, value_name = "WORD")]
    accept: Vec<String>,
    /// The stack that is deployed: where it is at hand, `paywall status --fail` looks at it.
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// Show what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Buys this object where it is sold, says first what it costs, and checks receipt and content; nothing else is done.
    #[arg(long, value_name = "PATH", requires = "key_env", conflicts_with_all = ["pay_to", "facilitator", "fee_payer", "rpc", "secrets", "accept", "stack", "dry_run"])]
    buy: Option<String>,
    /// The environment variable that holds the payer's private key, 64 hex digits.
    #[arg(long, value_name = "NAME", requires = "buy")]
    key_env: Option<String>,
    /// Pays real money on this network, eip155:8453 for example: without it only test networks are paid on.
    #[arg(long, value_name = "CAIP-2", requires = "buy")]
    main_network: Option<String>,
}

/// How a facilitator knows who asks, as `auth` in content.toml.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FacilitatorAuth {
    /// It does not.
    None,
    /// By a fixed token.
    Bearer,
    /// By a key of Coinbase's Developer Platform.
    Cdp,
}

/// What a stack's check comes to; `None` if this program cannot ask AWS.
pub type Status<'s> = dyn Fn(&str) -> Option<Outcome<ExitCode>> + 's;

/// Checks and changes, or buys.
///
/// # Errors
///
/// What stands in the way; then nothing was written.
pub fn run(arguments: &Arguments, config: Option<PathBuf>, status: &Status<'_>) -> Outcome<()> {
    let config = content_config::find(config).map_err(ship::Error::from)?;
    if let (Some(path), Some(variable)) = (&arguments.buy, &arguments.key_env) {
        let compiled = content_config::compile(&config)
            .map_err(|report| ship::Error::content(&config, &report))?;
        let main_network = arguments.main_network.as_deref();
        return buy(&compiled, &Purchase { path, variable, main_network, yes: arguments.yes });
    }
    let before = fs::read_to_string(&config).map_err(|why| ship::Error::not_read(&config, why))?;
    let edited = edit(&before, &arguments.wish())?;

    // The compiler refuses some of them as well, without the rest of the list.
    let payees: Vec<Line> = edited.payees.iter().map(|text| payee::judge(text)).collect();
    if payees.iter().any(|line| line.verdict.stops()) {
        return tell(payees, &arguments.accept);
    }
    let name = || config.display().to_string();
    let compiled = content_config::compile_draft(&config, edited.text.clone())
        .map_err(|report| Error::NotSold { config: name(), report: report.to_string() })?;
    let read = |path: &PathBuf| Keys::read(path, &compiled);
    let keys = arguments.secrets.as_ref().map(read).transpose()?;
    let preflight = look(&config, &compiled, &Previous::None, &Accepted::default(), &[]);
    let mut lines = payees;
    lines.extend(shop::judge(&compiled, &preflight));
    lines.extend(price::judge(&compiled, Timestamp::now()));
    lines.extend(keys::judge(keys.as_ref(), compiled.table()));
    let nodes = arguments.rpc.iter().cloned().collect();
    lines.extend(facts::ask(compiled.table(), keys.as_ref(), &nodes));
    lines.extend(arguments.of_stack(status));
    tell(lines, &arguments.accept)?;

    if edited.text == before {
        println!("\n{} takes money as it is: there is nothing to change", name());
        return Ok(());
    }
    let diff = TextDiff::from_lines(&before, &edited.text);
    println!("\n{}", diff.unified_diff().context_radius(2).header(&name(), &name()));
    println!("Comments stay as they are: look whether they still hold.");
    if arguments.dry_run {
        return Ok(());
    }
    confirm(&format!("Write {}?", name()), arguments.yes)?;
    replace(&config, &before, &edited.text)?;
    println!("{}: written. {}", name(), arguments.next());
    Ok(())
}

/// Prints the list. Whatever stops it stops here.
fn tell(lines: Vec<Line>, words: &[String]) -> Outcome<()> {
    let lines: Vec<Line> = lines.into_iter().map(|line| line.accepted(words)).collect();
    for line in &lines {
        println!("{line}");
    }
    match lines.iter().filter(|line| line.verdict.stops()).count() {
        0 => Ok(()),
        count => Err(Error::NotReady { count }.into()),
    }
}

impl Arguments {
    fn wish(&self) -> Wish {
        let auth = match self.facilitator_auth {
            FacilitatorAuth::None => Auth::None,
            FacilitatorAuth::Bearer => Auth::Bearer,
            FacilitatorAuth::Cdp => Auth::Cdp,
        };
        Wish {
            pay_to: self.pay_to.clone(),
            facilitator: self.facilitator.clone().map(|url| (url, auth)),
            fee_payer: self.fee_payer.clone(),
            nodes: self.rpc.iter().cloned().collect(),
        }
    }

    /// Quotas, alarms, and the store's lifecycle are AWS's to say.
    fn of_stack(&self, status: &Status<'_>) -> Option<Line> {
        const WHAT: &str = "stack";
        let name = self.stack.as_deref()?;
        let command = format!("paywall status --fail --stack {name}");
        Some(match status(name) {
            Some(Ok(code)) if code == ExitCode::SUCCESS => {
                Line::right(WHAT, format!("`{command}` is content"))
            }
            Some(Ok(_)) => Line::wrong(WHAT, format!("`{command}` is not content"), "see above"),
            Some(Err(why)) => Line::wrong(WHAT, why.to_string(), why.next()),
            None => {
                Line::warning(WHAT, "is not looked at by this program", format!("run `{command}`"))
            }
        })
    }

    fn next(&self) -> String {
        let stack = self.stack.as_deref().unwrap_or("NAME");
        format!(
            "Next: `paywall publish --stack {stack}`, `paywall deploy --stack {stack}` (a new site: deploy before, and again), \
             `paywall status --fail --stack {stack}`; then buy once: `paywall go-live --buy PATH --key-env NAME --main-network CAIP-2`"
        )
    }
}

/// A value of `--rpc`: the network's CAIP-2 name, and a URL.
fn node(text: &str) -> Result<(String, String), String> {
    let (network, url) =
        text.split_once('=').ok_or("write NETWORK=URL, as base=https://node.example")?;
    let caip2 = main_networks::caip2(network)
        .ok_or_else(|| format!("{network:?} is no network: write base or eip155:8453"))?;
    match url.starts_with("https://") || url.starts_with("http://127.0.0.1") {
        true => Ok((caip2, url.to_owned())),
        false => Err(format!("{url:?} is no URL of a node: write https://...")),
    }
}
