//! `paywall init`: a content.toml to begin with.

use std::fs::{self, DirEntry, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use content_config::{NAME, Price};
use next_step::Outcome;

use crate::error::Error;

/// Anvil's second account, a public test account: <https://getfoundry.sh/anvil/overview>.
const TEST_PAYEE: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/// Writes a content.toml that sells the files of a folder for one price, on a test network.
///
/// What is for sale lies in a folder of its own, `content`, so that nothing else ever is.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What the site's records and passes are known by [default: this folder's name, and six letters by chance].
    #[arg(long)]
    id: Option<String>,
    /// The wallet that is paid: an address on EVM networks, or an account on Solana [default: a public test account].
    #[arg(long, value_name = "ADDRESS")]
    pay_to: Option<String>,
    /// What a file costs, in dollars.
    #[arg(long, value_name = "DOLLARS", default_value = "0.01", allow_hyphen_values = true, value_parser = price)]
    price: String,
    /// In which token it is paid, as network/asset [default: base-sepolia/usdc, on Solana solana-devnet/usdc].
    #[arg(long, value_name = "TOKEN")]
    accept: Option<String>,
    /// On Solana the facilitator's account, which pays the network's fee.
    #[arg(long, value_name = "ACCOUNT")]
    fee_payer: Option<String>,
    /// Who settles payments.
    #[arg(long, value_name = "URL", default_value = "https://www.x402.org/facilitator")]
    facilitator: String,
    /// Move the files of this folder into `content`, without asking; folders, and a `content` that is there, stay as they are.
    #[arg(long)]
    yes: bool,
    /// Show what would be written, and stop.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(arguments: &Arguments, config: Option<PathBuf>) -> Outcome<()> {
    if config.is_some_and(|named| !named.as_os_str().is_empty()) {
        return Err(Error::Named {}.into());
    }
    let here = std::env::current_dir().map_err(|why| Error::NoFolder { why: why.to_string() })?;
    if let Some(above) = above(&here) {
        return Err(Error::Above { above: above.display().to_string() }.into());
    }
    let id = match &arguments.id {
        Some(id) => id.clone(),
        None => new_id(&here)?,
    };
    let text = text(arguments, &id)?;
    check(&text)?;
    if arguments.dry_run {
        print!("{text}");
        return Ok(());
    }
    if Path::new(NAME).exists() {
        return Err(Error::Already {}.into());
    }
    let content = Path::new("content");
    let has_content = content.is_dir();
    let loose = if has_content { vec![] } else { loose_files()? };
    let moves = !loose.is_empty() && (arguments.yes || asked(&loose)?);
    fs::create_dir_all(content).map_err(|why| Error::not_made(content, why))?;
    if moves {
        for file in &loose {
            fs::rename(file, content.join(file)).map_err(|why| Error::NotMoved {
                file: file.display().to_string(),
                why: why.to_string(),
            })?;
        }
        println!("moved {} into content", count(loose.len()));
    }
    write(&text)?;
    println!(
        "{NAME}: sells what is in content, {} a file, paid in {}",
        dollars(arguments),
        arguments.accept()
    );
    if arguments.pay_to.is_none() {
        println!(
            "  pay_to is a public test account: write your wallet's address before you take money"
        );
    }
    match content_config::compile(Path::new(NAME)) {
        Ok(compiled) => {
            let own = compiled.table().objects.len() - compiled.generated().count();
            println!("  {} for sale", count(own));
            match arguments.solana() {
                None => println!("next: `paywall dev` sells it on this machine, with test money"),
                Some(_) => println!(
                    "next: `paywall dev` shows what it asks; its test money is on no Solana, so pay there with a wallet"
                ),
            }
        }
        Err(_) if is_empty(content) => {
            let put = match loose.as_slice() {
                [] => "put files and folders into content".to_owned(),
                [file] => format!("mv {} content/", shown(file)),
                [file, ..] => format!("mv {} content/, and what else you sell", shown(file)),
            };
            println!("next: {put}: nothing is for sale yet; then `paywall dev`");
        }
        Err(report) => return Err(Error::Unsellable { report: report.to_string() }.into()),
    }
    Ok(())
}

/// Whether the text sells a file, before anything is written.
fn check(text: &str) -> Outcome<()> {
    let scratch = tempfile::tempdir().map_err(Error::no_scratch)?;
    let file = scratch.path().join(NAME);
    fs::create_dir(scratch.path().join("content"))
        .and_then(|()| fs::write(scratch.path().join("content/file"), "for sale"))
        .and_then(|()| fs::write(&file, text))
        .map_err(Error::no_scratch)?;
    content_config::compile(&file).map(drop).map_err(|report| {
        let report = report.to_string().replace(&file.display().to_string(), NAME);
        Error::SellsNothing { report }.into()
    })
}

impl Arguments {
    /// The payee, if it is an account on Solana.
    fn solana(&self) -> Option<&str> {
        self.pay_to.as_deref().filter(|account| content_config::is_solana_account(account))
    }

    fn accept(&self) -> &str {
        let usual =
            if self.solana().is_some() { "solana-devnet/usdc" } else { "base-sepolia/usdc" };
        self.accept.as_deref().unwrap_or(usual)
    }
}

/// A value of `--price`.
fn price(text: &str) -> Result<String, String> {
    match Price::parse(text) {
        Some(price) if price.is_zero() => {
            Err("a price is more than nothing; `free = true` in a rule gives away".to_owned())
        }
        Some(_) => Ok(text.to_owned()),
        None => Err("write dollars in digits, as in 0.01 or 12.50".to_owned()),
    }
}

fn text(arguments: &Arguments, id: &str) -> Result<String, Error> {
    // What JSON quotes, TOML reads.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let solana = match (arguments.solana(), &arguments.fee_payer) {
        (None, None) => None,
        (None, Some(_)) => return Err(Error::NoFeePayer {}),
        (Some(_), None) => {
            return Err(Error::FeePayer { facilitator: arguments.facilitator.clone() });
        }
        (Some(account), Some(payer)) => Some((account, payer)),
    };
    let token = solana.map_or_else(String::new, |(account, payer)| {
        format!(
            "\n\
             # Who is paid on Solana, whose token account must be there, and who pays the network's fee: the facilitator's\n\
             # account, as `curl FACILITATOR/supported` shows it.\n\
             [[token]]\n\
             id = {}\n\
             pay_to = {}\n\
             extra = {{ feePayer = {} }}\n",
            quoted(arguments.accept()),
            quoted(account),
            quoted(payer)
        )
    });
    let pay_to = match &arguments.pay_to {
        Some(_) if solana.is_some() => String::new(),
        Some(pay_to) => format!("# Who is paid.\npay_to = {}\n", quoted(pay_to)),
        None => format!(
            "# Who is paid. This is a public test account: everybody has its key. Write your wallet's address, with the\n\
             # upper and lower case that the wallet shows: that is its checksum.\npay_to = {}\n",
            quoted(TEST_PAYEE)
        ),
    };
    Ok(format!(
        "# What is for sale, and on which terms.\n\
         # Check it:  paywall check\n\
         # Ask it:    paywall explain PATH\n\
         \n\
         [site]\n\
         # What records and passes know this site by. Keep it when the URL, the bucket or the stack changes:\n\
         # a new id forgets open payments.\n\
         id = {id}\n\
         # Where the content is sold: yours is the distribution's, https://d111111abcdef8.cloudfront.net or your own.\n\
         urls = [\"http://127.0.0.1:8402\"]\n\
         # The folder with the files. They are the objects in the bucket, and nothing else is for sale.\n\
         content = \"content\"\n\
         # In the bucket they lie below a folder that the function alone knows: without it no URL reaches anything.\n\
         sealed = true\n\
         # Agents and catalogues may find what is sold here. Every key and price of it is then public, in /openapi.json,\n\
         # /.well-known/x402, /llms.txt and in the lists of facilitators; `false` keeps them to those who know a URL.\n\
         discovery = true\n\
         # How catalogues call the site, 32 characters, and at most five words that they file it under:\n\
         # name = \"Harbour Reports\"\n\
         # tags = [\"shipping\", \"freight\"]\n\
         # Whom buyers ask:\n\
         # contact = \"shop@example.com\"\n\
         \n\
         [payment]\n\
         {pay_to}\
         # In which tokens, as network/asset, the preferred one first.\n\
         accept = [{accept}]\n\
         # Who settles, the preferred one first.\n\
         facilitators = [{facilitator}]\n\
         {token}\
         \n\
         # A rule sells the objects whose keys match its path: `*` stands for anything between two slashes, `**` for any\n\
         # depth. The most specific rule wins. Every object needs a rule; `free = true` gives away.\n\
         [[rule]]\n\
         path = \"**\"\n\
         price = {price}\n\
         # What it is, for people and for agents that search for it, at most 500 characters:\n\
         # description = \"Container freight rates of the North Sea ports, one report a month.\"\n",
        id = quoted(id),
        accept = quoted(arguments.accept()),
        facilitator = quoted(&arguments.facilitator),
        price = quoted(&arguments.price),
    ))
}

/// A name that no other site has: their records may lie in one bucket.
fn new_id(folder: &Path) -> Outcome<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .collect();
    let name: String = name.trim_matches('-').chars().take(20).collect();
    let name = if name.is_empty() { "shop" } else { &name };
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes).map_err(|why| Error::NoRandomness { why: why.to_string() })?;
    // Of 256 values 26 letters are not equally often; nothing is secret here.
    let letters: String = bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    Ok(format!("{}-{letters}", name.trim_end_matches('-')))
}

/// The content.toml of a shop that this folder lies in.
fn above(here: &Path) -> Option<PathBuf> {
    here.ancestors().skip(1).map(|folder| folder.join(NAME)).find(|file| file.is_file())
}

/// The files of this folder, but for hidden ones.
fn loose_files() -> Outcome<Vec<PathBuf>> {
    let here = Path::new(".");
    let entries: Vec<DirEntry> = fs::read_dir(here)
        .and_then(Iterator::collect)
        .map_err(|why| ship::Error::not_read(here, why))?;
    let mut files: Vec<PathBuf> = entries
        .iter()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| PathBuf::from(entry.file_name()))
        .filter(|name| !name.as_os_str().as_encoded_bytes().starts_with(b"."))
        .collect();
    files.sort();
    Ok(files)
}

/// Whether to move them; nobody is asked where nobody can answer.
fn asked(files: &[PathBuf]) -> Outcome<bool> {
    let few = files.iter().take(5).map(|file| format!("  {}\n", file.display()));
    let more = match files.len().saturating_sub(5) {
        0 => String::new(),
        more => format!("  and {more} more\n"),
    };
    let few: String = few.collect();
    let question = format!("{few}{more}Move {} into content, to be sold?", count(files.len()));
    let agreed = next_step::agrees(&question);
    Ok(agreed.map_err(|why| Error::NoAnswer { why: why.to_string() })?.unwrap_or(false))
}

/// Never over one that came meanwhile.
fn write(text: &str) -> Outcome<()> {
    let opened = OpenOptions::new().write(true).create_new(true).open(NAME);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => Error::Already {}.into(),
        _ => ship::Error::not_written(Path::new(NAME), why).into(),
    })
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn dollars(arguments: &Arguments) -> String {
    format!("${}", arguments.price)
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

/// A word for the shell.
fn shown(file: &Path) -> String {
    format!("'{}'", file.display().to_string().replace('\'', r"'\''"))
}
