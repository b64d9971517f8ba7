//! `paywall build`: the zip that Lambda takes.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;
use ship::package;

use crate::function::{self, Function};

/// Packages the function with the prices of the content.toml: the same function, prices and secrets give the same bytes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The file of secrets that goes in: `paywall secrets --output FILE` makes it [or the environment variable
    /// SECRETS_FILE].
    #[arg(long, value_name = "FILE", conflicts_with = "rehearsal")]
    secrets: Option<PathBuf>,
    /// Put throw-away keys in: the result can be tried, but not deployed.
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

pub(crate) fn run(arguments: &Arguments, config: Option<PathBuf>) -> anyhow::Result<()> {
    let config = content_config::find(config)?;
    let compiled = content_config::compile(&config)
        .map_err(|report| anyhow!("{} cannot be sold as it is\n\n{report}", config.display()))?;
    let output = &arguments.output;
    compiled.keeps_apart(output).map_err(|why| anyhow!(why))?;
    let beside = output.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(beside).with_context(|| format!("cannot make {}", beside.display()))?;
    let named =
        || std::env::var_os("SECRETS_FILE").filter(|name| !name.is_empty()).map(PathBuf::from);
    let secrets = match (arguments.rehearsal, arguments.secrets.clone().or_else(named)) {
        (false, Some(file)) => file,
        (false, None) => bail!(
            "the function does not start without keys: name their file with `--secrets FILE` (`paywall secrets --output FILE` \
             makes it), or try it with throw-away ones, `--rehearsal-secrets`"
        ),
        (true, _) => {
            let file = beside.join("rehearsal-secrets.json");
            ship::secrets::rehearse(&config, &file)?;
            file
        }
    };
    let secrets = fs::read(&secrets)
        .with_context(|| format!("the secrets {} cannot be read", secrets.display()))?;

    // What the function finds in its folder; nobody else can read there.
    let folder = tempfile::tempdir().context("cannot make a folder for what goes into the zip")?;
    let function = match &arguments.bootstrap {
        Some(file) => Function {
            bytes: fs::read(file).with_context(|| format!("cannot read {}", file.display()))?,
            compressed: folder.path().join("bootstrap.zip"),
            commit: "unknown".to_owned(),
        },
        None => function::find(folder.path())?,
    };
    let (shim, index) = arguments.shim.source();
    let files: [(&str, &[u8]); 4] = [
        (price_table::file::NAME, &compiled.file()),
        ("secrets.json", &secrets),
        ("index.py", index.as_bytes()),
        ("bootstrap", &function.bytes),
    ];
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes)?;
    }
    fs::set_permissions(folder.path().join("bootstrap"), fs::Permissions::from_mode(0o755))?;
    check(folder.path())?;
    let package = package::make(&package::Arguments {
        folder: folder.path().to_owned(),
        output: output.clone(),
        compressed: function.compressed,
        shim: shim.to_owned(),
        commit: function.commit,
    })?;
    match arguments.json {
        true => println!("{:#}", package.about),
        false => print!("{package}"),
    }
    Ok(())
}

/// The function itself looks at its files: nobody else decides what it takes. Where it cannot run, its code in this tool
/// does, which a release has from the same commit.
fn check(folder: &Path) -> anyhow::Result<()> {
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
        Err(why) => bail!("these files make no function that sells: {}", why.trim()),
    }
}
