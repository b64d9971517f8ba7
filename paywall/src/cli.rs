//! The command line: every command is a crate's own, under one name.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::TypedValueParser as _;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use edge_local::cli::{FUNCTION, PayArgs, ServeArgs, SignArgs, wait_for};
use next_step::Outcome;
#[cfg(not(feature = "aws"))]
use ship::s3::{Access, Credentials};
#[cfg(not(feature = "aws"))]
use ship::upload::Context;

#[cfg(not(feature = "aws"))]
use crate::error::Error;
use crate::{build, facts, init};

/// Sells files per request, by x402, from S3 behind CloudFront.
#[derive(Debug, Parser)]
#[command(name = "paywall", version, max_term_width = 100, subcommand_required = true)]
#[command(after_help = content_config::cli::EXIT_CODES)]
struct Cli {
    /// The content.toml; without it the nearest one from this folder upwards.
    #[arg(long, global = true, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = content_config::CONFIG_VARIABLE)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

/// Commands that ask AWS, and that only a program with that part has.
#[cfg(not(feature = "aws"))]
const OF_AWS: [&str; 7] = ["deploy", "attach", "watch", "status", "switch", "rollback", "destroy"];

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    #[command(flatten)]
    Content(content_config::cli::Command),
    /// Sells the content on this machine, with test money, through the function that is deployed; also what
    /// `paywall` does without a command.
    Dev(ServeArgs),
    Pay(PayArgs),
    Sign(SignArgs),
    Prove(prove::Arguments),
    GoLive(go_live::Arguments),
    SeedListings(go_live::seed::Arguments),
    Build(build::Arguments),
    #[cfg(feature = "aws")]
    #[command(flatten)]
    Aws(crate::aws::Command),
    #[cfg(not(feature = "aws"))]
    Publish(ship::upload::Arguments),
    Sales(books::sales::Arguments),
    Books(books::command::Arguments),
    Refunds(books::refunds::Arguments),
    Report(report::Arguments),
    Secrets(ship::secrets::Arguments),
    /// Prints a script that completes this command line in a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// Does what a command line says; its first word is the program's name.
pub(crate) fn run(words: Vec<OsString>) -> Outcome<ExitCode> {
    // A word that is no command, so that nobody is offered it: what it is in its own sandboxes.
    if words.get(1).is_some_and(|word| word == FUNCTION) {
        edge_local::cli::function(words.get(2).cloned())?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(not(feature = "aws"))]
    if let Some(word) =
        words.get(1).and_then(|word| word.to_str()).filter(|word| OF_AWS.contains(word))
    {
        return Err(Error::WithoutAws { word: word.to_owned() }.into());
    }
    let Cli { config, command } = parse(words).unwrap_or_else(|error| error.exit());
    match command {
        Command::Init(arguments) => init::run(&arguments, config)?,
        Command::Content(command) => {
            let (mut out, mut errors) = (io::stdout().lock(), io::stderr().lock());
            let colour = content_config::cli::colour();
            let code = content_config::cli::perform(config, command, colour, &mut out, &mut errors);
            return Ok(ExitCode::from(code));
        }
        Command::Dev(serve) => wait_for(serve.run(config))?,
        Command::Pay(pay) => wait_for(pay.run())?,
        Command::Sign(sign) => wait_for(sign.run())?,
        Command::Prove(arguments) => return prove::run(&arguments),
        Command::GoLive(arguments) => {
            go_live::run(&arguments, config.clone(), &|stack| status(stack, config.as_deref()))?;
        }
        Command::SeedListings(arguments) => {
            return facts::tell(arguments.json, || {
                Ok((ExitCode::SUCCESS, go_live::seed::run(&arguments, config)?))
            });
        }
        Command::Build(arguments) => build::run(&arguments, config)?,
        #[cfg(feature = "aws")]
        Command::Aws(command @ crate::aws::Command::Publish(_)) => {
            return content_first(config.clone(), crate::aws::run(&command, config));
        }
        #[cfg(feature = "aws")]
        Command::Aws(command) => return crate::aws::run(&command, config),
        #[cfg(not(feature = "aws"))]
        Command::Publish(arguments) => {
            return facts::tell(arguments.json(), || {
                let access = content_first(config, access(true))?;
                let published = ship::upload::run(&arguments, &Context::plain(access))?;
                Ok((published.code(), published.facts()))
            });
        }
        Command::Sales(arguments) => {
            return books::sales::run(&arguments, || access(arguments.elsewhere()));
        }
        Command::Books(arguments) => {
            return books::command::run(&arguments, || access(arguments.elsewhere()));
        }
        Command::Report(arguments) => report::run(&arguments)?,
        Command::Refunds(arguments) => {
            return books::refunds::run(&arguments, || access(arguments.elsewhere()));
        }
        Command::Secrets(arguments) => return Ok(ship::secrets::run(&arguments)?),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "paywall", &mut script);
            match io::stdout().write_all(&script) {
                // The reader has gone: `| head`.
                Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
                    let path = "the script to standard output".to_owned();
                    return Err(ship::Error::NotWritten { path, why: why.to_string() }.into());
                }
                _ => {}
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Of what stops a publication, what is wrong with the content is told before what AWS says.
fn content_first<T>(config: Option<PathBuf>, done: Outcome<T>) -> Outcome<T> {
    if done.is_err() {
        ship::upload::check(config)?;
    }
    done
}

#[cfg(feature = "aws")]
use crate::aws::access;

/// `paywall status --fail` on a stack.
#[cfg(feature = "aws")]
fn status(stack: &str, config: Option<&Path>) -> Option<Outcome<ExitCode>> {
    let words = ["paywall", "status", "--fail", "--stack", stack].map(OsString::from);
    let named = config.map(|config| ["--config".into(), config.into()]);
    Some(run(words.into_iter().chain(named.into_iter().flatten()).collect()))
}

/// What this program lacks is not asked.
#[cfg(not(feature = "aws"))]
fn status(_: &str, _: Option<&Path>) -> Option<Outcome<ExitCode>> {
    None
}

/// Who asks S3: whoever the environment says, and any bucket that they may use.
#[cfg(not(feature = "aws"))]
fn access(_: bool) -> Outcome<Access> {
    Ok(Access { credentials: Credentials::from_environment()?, owner: None })
}

/// Without a command, it is `dev`: `cargo run` in a clone sells the sample.
fn parse(mut words: Vec<OsString>) -> Result<Cli, clap::Error> {
    let error = match Cli::try_parse_from(&words) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let lacks_command = matches!(
        error.kind(),
        ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::UnknownArgument
    );
    if !lacks_command {
        return Err(error);
    }
    words.insert(1, "dev".into());
    match Cli::try_parse_from(&words) {
        // What another command does not know is not told as what `dev` does not know.
        Err(of_dev) if words.get(2).is_some_and(is_option) => Err(of_dev),
        Err(_) => Err(error),
        Ok(cli) => Ok(cli),
    }
}

fn is_option(word: &OsString) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Cli, clap::Error> {
        parse(["paywall"].iter().chain(words).map(OsString::from).collect())
    }

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_is_dev() {
        for words in [&[][..], &["--listen", "127.0.0.1:0"], &["dev", "--listen", "127.0.0.1:0"]] {
            assert!(matches!(parsed(words).unwrap().command, Command::Dev(_)), "{words:?}");
        }
        let named = parsed(&["--config", "a.toml", "check"]).unwrap();
        assert_eq!(named.config, Some(PathBuf::from("a.toml")));
        let named = parsed(&["publish", "--config", "a.toml", "--bucket", "b"]).unwrap();
        #[cfg(feature = "aws")]
        assert!(matches!(named.command, Command::Aws(crate::aws::Command::Publish(_))));
        #[cfg(not(feature = "aws"))]
        assert!(matches!(named.command, Command::Publish(_)));
    }

    #[test]
    fn what_is_unknown_is_told_where_it_stands() {
        let said = |words: &[&str]| parsed(words).unwrap_err().to_string();
        assert!(said(&["chek"]).contains("'check'"), "{}", said(&["chek"]));
        assert!(said(&["check", "--jsn"]).contains("--json"), "{}", said(&["check", "--jsn"]));
        assert!(said(&["--listn", "a"]).contains("--listen"), "{}", said(&["--listn", "a"]));
    }
}
