//! The seller's tool: `check`, `explain`, `list`, `compile`, `manifest`, `diff`, `discovery`.

mod check;
mod columns;
mod diff;
mod discovery;
mod explain;
mod list;
mod listing;
mod manifest;
mod outcome;
mod words;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::TypedValueParser as _;
use clap::{Parser, Subcommand};

use crate::Compiled;
use outcome::{Outcome, show};

/// Checks and explains the price table of an x402 paywall.
#[derive(Parser)]
#[command(name = "content-config", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    /// The content.toml; without it the nearest one from this folder upwards.
    #[arg(long, global = true, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = crate::CONFIG_VARIABLE)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

/// What the tool does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows every problem at once, or a summary if there is none.
    #[command(after_help = EXIT_CODES)]
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Also ask each facilitator what it settles, and each node what it knows; no payment and
        /// no secret is sent. With `--listing` also Coinbase's validator, of at most ten URLs.
        #[arg(long)]
        online: bool,
        /// Show instead what catalogues (CDP Bazaar, x402scan and agentcash, PayAI) make of an object
        /// of each rule, or of a rule's, or of this one: what they show, what they refuse, what is
        /// better mended. A refusal is an error.
        #[arg(long, value_name = "RULE-OR-KEY-OR-URL", num_args = 0..=1, default_missing_value = "")]
        listing: Option<String>,
    },
    /// Shows which rule sells an object, on which terms, and why not the others.
    #[command(after_help = EXIT_CODES)]
    Explain {
        /// A key as S3 lists it, or a URL or its path (with a slash in front, percent-encoded).
        #[arg(value_name = "PATH")]
        path: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists all objects with their prices.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes the table that the function sells by.
    Compile {
        /// The file to write, `table.bin` beside the function.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Writes the manifest of a folder: one JSON object a line.
    Manifest {
        /// The folder; that of the content.toml if it is not named.
        folder: Option<PathBuf>,
        /// The file to write; standard output if it is not named.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Compares with what a bucket has: on sale but missing, changed, there but not on sale.
    #[command(after_help = EXIT_CODES)]
    Diff {
        /// What `aws s3api list-objects-v2 --bucket BUCKET --output json` prints, or a manifest;
        /// `-` for standard input.
        #[arg(long, value_name = "FILE")]
        bucket: PathBuf,
        /// Where in the bucket the objects are: the distribution's origin path.
        #[arg(long, value_name = "PREFIX", default_value = "")]
        prefix: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes the documents for agents into a folder: .well-known/x402, openapi.json, mcp/tools and
    /// llms.txt.
    Discovery {
        /// The folder; it is made if it is not there.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// What the exit codes of the commands say.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done; `explain`: the object is for sale, or free
  1  the content.toml or the content has errors, `--online` found some, a catalogue refuses what
     `discovery = true` wants listed (`--listing`), or a file could not be read or written
  2  the command line is wrong
  3  `explain`, `check --listing`: nothing is for sale under this path
  4  `diff`: something on sale is missing or changed";

/// Runs the tool on this process's command line.
pub fn main() -> ExitCode {
    let (mut out, mut errors) = (io::stdout().lock(), io::stderr().lock());
    ExitCode::from(run(std::env::args_os(), colour(), &mut out, &mut errors))
}

/// Whether standard error is a terminal that may have colours.
pub fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Runs the tool and returns its exit code.
pub fn run(
    arguments: impl Iterator<Item = OsString>,
    colour: bool,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let to: &mut dyn Write = if error.use_stderr() { errors } else { out };
            // Nobody is left to tell.
            let _ = write!(to, "{}", error.render());
            return error.exit_code().try_into().unwrap_or(2);
        }
    };
    perform(arguments.config, arguments.command, colour, out, errors)
}

/// Does what a command says with the `content.toml` that is named, or found, and returns its exit code.
pub fn perform(
    config: Option<PathBuf>,
    command: Command,
    colour: bool,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> u8 {
    match dispatch(config, command, colour, out, errors) {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Errors) => 1,
        Ok(Outcome::NotForSale) => 3,
        Ok(Outcome::Differs) => 4,
        // The reader has gone: `list | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            let _ = writeln!(errors, "error: {error}");
            1
        }
    }
}

fn dispatch(
    config: Option<PathBuf>,
    command: Command,
    colour: bool,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<Outcome> {
    if let Command::Manifest { folder: Some(folder), output } = &command {
        return manifest::of_folder(folder, output.as_deref(), colour, out, errors);
    }
    let path = crate::find(config).map_err(io::Error::other)?;
    let result = crate::compile(&path);
    if let Command::Check { json: true, online, listing } = &command {
        let asked = check::Asked { online: *online, listing: listing.as_deref() };
        return check::json(&path, &result, &asked, out, errors);
    }
    let compiled = match result {
        Ok(compiled) => compiled,
        Err(report) => {
            show(&report, colour, errors)?;
            return Ok(Outcome::Errors);
        }
    };
    let written = match &command {
        Command::Compile { output } | Command::Manifest { output: Some(output), .. } => {
            Some(output)
        }
        Command::Discovery { out } => Some(out),
        _ => None,
    };
    if let Some(why) = written.and_then(|output| compiled.keeps_apart(output).err()) {
        let documents = matches!(command, Command::Discovery { .. });
        let way =
            if documents { "; `discovery = true` in [site] publishes the documents" } else { "" };
        return Err(io::Error::other(format!("{why}{way}")));
    }
    match command {
        Command::Check { online, listing, .. } => {
            show(compiled.warnings(), colour, errors)?;
            let asked = check::Asked { online, listing: listing.as_deref() };
            check::text(&path, &compiled, &asked, out, errors)
        }
        Command::Explain { path, json } => explain::explain(&compiled, &path, json, out),
        Command::List { json } => list::list(&compiled, json, out),
        Command::Compile { output } => write_table(&compiled, &output, out),
        Command::Manifest { output, .. } => manifest::of_table(&compiled, output.as_deref(), out),
        Command::Diff { bucket, prefix, json } => {
            diff::diff(&compiled, &bucket, &prefix, json, out)
        }
        Command::Discovery { out: folder } => discovery::discovery(&compiled, &folder, out),
    }
}

fn write_table(compiled: &Compiled, output: &Path, out: &mut dyn Write) -> io::Result<Outcome> {
    let file = compiled.file();
    // Another file, never other bytes in one that a function has open.
    let new = output.with_added_extension("new");
    std::fs::write(&new, &file)
        .and_then(|()| std::fs::rename(&new, output))
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", output.display())))?;
    let (path, objects) = (output.display(), compiled.table().objects.len());
    writeln!(out, "{path}: {objects} objects, {} bytes", file.len())?;
    Ok(Outcome::Done)
}
