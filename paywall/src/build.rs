//! `paywall build`: the zip that Lambda takes.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use next_step::{Outcome, Told};
use ship::package;
use site_secrets::SiteSeal;

use crate::error::Error;
use crate::function::{self, Function};

/// Packages the function with the prices of the content.toml: the same function, prices and secrets give the same bytes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The file of secrets that goes in: `paywall secrets --output FILE` makes it [or the environment variable
    /// SECRETS_FILE].
    #[arg(long, value_name = "FILE", conflicts_with = "rehearsal")]
    secrets: Option<PathBuf>,
    /// The file with the site's seal, if the site is sealed: `paywall publish --seal FILE` makes it.
    #[arg(long, value_name = "FILE", conflicts_with = "rehearsal")]
    seal: Option<PathBuf>,
    /// Put throw-away keys in, and a throw-away seal: the result can be tried, but not deployed.
    #[arg(long = "rehearsal-secrets")]
    rehearsal: bool,
    /// How Lambda's Python starts the function.
    #[arg(long, value_enum, default_value_t)]
    shim: Shim,
    /// The function's executable, instead of the one that this program carries or its clone builds.
    #[arg(long, value_name = "FILE")]
    bootstrap: Option<PathBuf>,
    /// The zip to write; what there is to know of it is written beside it, as `.json`.
    #[arg(long, short, value_name = "FILE", default_value = "dist/edge-fn.zip")]
    output: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What the zip's `index.py` does; `edge-fn/shim/README.md` compares them.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Shim {
    /// Python's process becomes the function.
    #[default]
    Exec,
    /// The function is Python's child.
    Child,
}

impl Shim {
    fn source(self) -> (&'static str, &'static str) {
        match self {
            Shim::Exec => ("exec", include_str!("../../edge-fn/shim/exec.py")),
            Shim::Child => ("child", include_str!("../../edge-fn/shim/child.py")),
        }
    }
}

pub(crate) fn run(arguments: &Arguments, config: Option<PathBuf>) -> Outcome<()> {
    let config = content_config::find(config).map_err(ship::Error::from)?;
    let compiled = content_config::compile(&config)
        .map_err(|report| ship::Error::content(&config, &report))?;
    let output = &arguments.output;
    compiled
        .keeps_apart(output)
        .map_err(|_| ship::Error::ForSale { output: output.display().to_string() })?;
    let beside = output.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(beside).map_err(|why| Error::not_made(beside, why))?;
    let named =
        || std::env::var_os("SECRETS_FILE").filter(|name| !name.is_empty()).map(PathBuf::from);
    let secrets = match (arguments.rehearsal, arguments.secrets.clone().or_else(named)) {
        (false, Some(file)) => file,
        (false, None) => return Err(Error::NoKeys {}.into()),
        (true, _) => {
            let file = beside.join("rehearsal-secrets.json");
            ship::secrets::rehearse(&config, &file)?;
            file
        }
    };
    let secrets = ship::secrets::read(&secrets).map_err(|error| match error {
        ship::Error::NotRead { path, why } => Error::NoSecrets { path, why }.into(),
        other => Told::from(other),
    })?;
    let site = &compiled.table().site;
    let seal = match &arguments.seal {
        Some(file) => Some(ship::seal::packed(file, site)?),
        None if arguments.rehearsal => {
            ship::seal::rehearse(&beside.join("rehearsal-seal.json"), site)?
        }
        // The function would say so, once it is built.
        None if site.sealed => return Err(ship::Error::NoSeal {}.into()),
        None => None,
    };
    let parts = Parts { table: &compiled.file(), secrets: secrets.as_bytes(), seal: seal.as_ref() };
    let package = make(&parts, arguments.bootstrap.as_deref(), arguments.shim, output)?;
    match arguments.json {
        true => println!("{:#}", package.about),
        false => print!("{package}"),
    }
    Ok(())
}

/// What differs from site to site.
struct Parts<'p> {
    table: &'p [u8],
    secrets: &'p [u8],
    seal: Option<&'p SiteSeal>,
}

/// The zip of these parts.
fn make(
    parts: &Parts<'_>,
    bootstrap: Option<&Path>,
    shim: Shim,
    output: &Path,
) -> Outcome<package::Package> {
    // What the function finds in its folder; nobody else can read there.
    let folder = tempfile::tempdir().map_err(Error::no_scratch)?;
    let function = match bootstrap {
        Some(file) => Function {
            bytes: fs::read(file).map_err(|why| ship::Error::not_read(file, why))?,
            compressed: folder.path().join("bootstrap.zip"),
            commit: "unknown".to_owned(),
        },
        None => function::find(folder.path())?,
    };
    let (shim, index) = shim.source();
    let seal = parts.seal.map(SiteSeal::to_json);
    let files: [(&str, &[u8]); 4] = [
        (price_table::file::NAME, parts.table),
        ("secrets.json", parts.secrets),
        ("index.py", index.as_bytes()),
        ("bootstrap", &function.bytes),
    ];
    let files = files.into_iter().chain(seal.as_ref().map(|it| (SiteSeal::NAME, it.as_bytes())));
    let mut written = files.map(|(name, bytes)| fs::write(folder.path().join(name), bytes));
    let runnable = fs::Permissions::from_mode(0o755);
    written
        .try_for_each(|written| written)
        .and_then(|()| fs::set_permissions(folder.path().join("bootstrap"), runnable))
        .map_err(Error::no_scratch)?;
    check(folder.path())?;
    Ok(package::make(&package::Arguments {
        folder: folder.path().to_owned(),
        output: output.to_owned(),
        compressed: function.compressed,
        shim: shim.to_owned(),
        commit: function.commit,
    })?)
}

/// Packages for a deployment, into the folder that `DIST` names, or else `dist`.
#[cfg(feature = "aws")]
pub(crate) fn pack(config: &Path, secrets: &[u8], seal: Option<&SiteSeal>) -> Outcome<PathBuf> {
    let dist =
        std::env::var_os("DIST").filter(|dist| !dist.is_empty()).unwrap_or_else(|| "dist".into());
    let output = Path::new(&dist).join("edge-fn.zip");
    let compiled =
        content_config::compile(config).map_err(|report| ship::Error::content(config, &report))?;
    compiled
        .keeps_apart(&output)
        .map_err(|_| ship::Error::ForSale { output: output.display().to_string() })?;
    fs::create_dir_all(&dist).map_err(|why| Error::not_made(Path::new(&dist), why))?;
    let parts = Parts { table: &compiled.file(), secrets, seal };
    make(&parts, None, Shim::default(), &output)?;
    Ok(output)
}

/// The function itself looks at its files: nobody else decides what it takes. Where it cannot run, its code in this tool
/// does, which a release has from the same commit.
fn check(folder: &Path) -> Outcome<()> {
    let bootstrap = folder.join("bootstrap");
    let runs = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    let checked = runs
        .then(|| Command::new(&bootstrap).arg("--check").env("LAMBDA_TASK_ROOT", folder).output());
    let said = match checked {
        Some(Ok(checked)) => {
            let said = String::from_utf8_lossy(&checked.stderr).replace("bootstrap: ", "");
            if checked.status.success() { Ok(said) } else { Err(said) }
        }
        // A folder for what is temporary may allow no programs.
        Some(Err(error)) if error.kind() != ErrorKind::PermissionDenied => Err(error.to_string()),
        None | Some(Err(_)) => edge_fn::start::check(folder)
            .map(|warnings| {
                warnings.iter().map(|warning| format!("warning: {warning}\n")).collect()
            })
            .map_err(|why| why.to_string()),
    };
    match said {
        Ok(warnings) => {
            eprint!("{warnings}");
            Ok(())
        }
        Err(why) => Err(Error::Refused { why: why.trim().to_owned() }.into()),
    }
}
