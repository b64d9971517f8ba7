//! The function's secrets: in an SSM SecureString by default, so that the zip holds none.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use content_config::Compiled;
use paywall_core::handover::Keys;
use sha2::{Digest as _, Sha256};
use ship::secrets::{Made, Wish};
use site_secrets::Document;

use crate::Error;
use crate::control_plane::{ControlPlane, REGION, Stack};
use crate::error::while_asking;
use crate::options::Shared;
use crate::stacks::tag;

/// The hand-over keys of a document, and its site's id; `of` names it.
pub(crate) fn keys(document: &str, of: &str) -> Result<(Keys, String), Error> {
    let wrong = |why: String| Error::SecretsFile { path: of.to_owned(), why };
    let Document::Inline(secrets) =
        Document::parse(document).map_err(|why| wrong(why.to_string()))?
    else {
        return Err(wrong("it names a parameter: the secrets themselves are needed".to_owned()));
    };
    let keys = Keys::parse(&secrets.handover.join("\n"));
    let keys = keys.map_err(|_| wrong("its hand-over keys are none".to_owned()))?;
    // A document of a file or a parameter has one.
    Ok((keys, secrets.site.unwrap_or_default()))
}

/// What is to be done with the secrets.
pub(crate) struct Plan {
    action: String,
    /// The document that will hold, and where.
    document: String,
    shown: String,
    /// The document; `None` if nothing is written.
    write: Option<String>,
    place: Place,
    /// What goes into the zip.
    pub(crate) embedded: Vec<u8>,
    /// The stack's tag.
    pub(crate) tag: String,
}

enum Place {
    File(PathBuf),
    /// Its name, the version that will hold, and the key that it is under if that is not AWS's own.
    Parameter {
        name: String,
        version: u64,
        key: Option<String>,
    },
}

/// Where a stack's secrets are kept.
pub(crate) fn parameter_name(stack: &str) -> String {
    format!("/x402/{stack}")
}

fn file_tag(text: &str) -> String {
    let hex: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("file:{:.16}", hex)
}

/// A file of secrets is for its owner alone.
fn read(path: &Path) -> Result<Option<String>, Error> {
    let broken = |why: String| Error::SecretsFile { path: path.display().to_string(), why };
    if !path.exists() {
        return Ok(None);
    }
    let mode = fs::metadata(path).map_err(|why| broken(why.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(broken("it can be read by others: chmod 600 it".to_owned()));
    }
    fs::read_to_string(path).map(Some).map_err(|why| broken(why.to_string()))
}

/// Makes what is to be written, and writes nothing.
pub(crate) async fn plan(
    plane: &impl ControlPlane,
    stack_name: &str,
    stack: Option<&Stack>,
    compiled: &Compiled,
    options: &Shared,
) -> next_step::Outcome<Plan> {
    let name = parameter_name(stack_name);
    let (before, found, version) = match &options.secrets {
        Some(path) => {
            let before = read(path)?;
            let found = before.as_deref().map(file_tag);
            (before, found, 0)
        }
        None => {
            let now = plane.parameter(&name).await;
            let now = now.map_err(while_asking(format!("looking for the secrets in {name}")))?;
            let version = now.as_ref().map_or(0, |now| now.version);
            (
                now.map(|now| now.value),
                Some(format!("{name}:{version}")).filter(|_| version > 0),
                version,
            )
        }
    };
    // Rotating twice before one is live would drop the key that is.
    let live = tag(stack, "x402-secrets");
    let under_way = !live.is_empty() && found.as_deref().is_some_and(|found| found != live);
    if options.rotate_secrets && under_way {
        println!(
            "the secrets were rotated or completed already, and are not live yet: this run deploys them"
        );
    }
    let shown =
        options.secrets.as_ref().map_or_else(|| name.clone(), |path| path.display().to_string());
    let wish = Wish {
        before: before.as_deref(),
        before_name: &shown,
        merge: options.merge_secrets.as_deref(),
        rotate: options.rotate_secrets && !under_way,
        accept_new_site_id: options.accept_new_site_id,
    };
    let (made, document) = ship::secrets::make(compiled, &wish)?;
    let changed = !matches!(made, Made::Unchanged);
    let mut action = made.to_string();
    if let Some(path) = &options.secrets {
        return Ok(Plan {
            action,
            shown,
            document: document.clone(),
            write: Some(document.clone()).filter(|_| changed),
            tag: file_tag(&document),
            embedded: document.into_bytes(),
            place: Place::File(path.clone()),
        });
    }
    let keys = options.wanted(stack, "SecretsKmsKeyArn");
    let key = keys.split(',').next().filter(|key| !key.is_empty()).map(str::to_owned);
    let moves = !changed && !under_key(plane, &name, key.as_deref()).await?;
    if moves {
        "under another key".clone_into(&mut action);
    }
    let write = changed || moves;
    let version = version + u64::from(write);
    // With its version, so that a rotation is a new function version and rolls out as one.
    let tag = format!("{name}:{version}");
    let embedded = serde_json::json!({ "ssm": { "parameter": tag, "region": REGION } });
    Ok(Plan {
        action,
        shown,
        document: document.clone(),
        write: Some(document).filter(|_| write),
        embedded: format!("{embedded}\n").into_bytes(),
        tag,
        place: Place::Parameter { name, version, key },
    })
}

/// Whether the parameter is under this key, or AWS's own: as it was given, an ARN, or what an ARN ends in.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html>
async fn under_key(
    plane: &impl ControlPlane,
    name: &str,
    key: Option<&str>,
) -> Result<bool, Error> {
    let now = plane
        .parameter_key(name)
        .await
        .map_err(while_asking(format!("asking for the key of {name}")))?;
    let now = now.filter(|now| !now.is_empty()).unwrap_or_else(|| "alias/aws/ssm".to_owned());
    Ok(key.unwrap_or("arn:aws:kms:::alias/aws/ssm").ends_with(&now))
}

impl Plan {
    /// The hand-over keys of the function that is deployed.
    pub(crate) fn keys(&self) -> Result<Keys, Error> {
        keys(&self.document, &self.shown).map(|(keys, _)| keys)
    }

    /// Whether the function has these very secrets.
    pub(crate) fn is_done(&self) -> bool {
        self.write.is_none()
    }

    /// The SSM parameter that the function reads, if it reads one.
    pub(crate) fn parameter(&self) -> &str {
        match &self.place {
            Place::File(_) => "",
            Place::Parameter { name, .. } => name,
        }
    }

    pub(crate) fn describe(&self) {
        let action = &self.action;
        match &self.place {
            Place::File(path) => println!(
                "  secrets     {action}, in {}, and embedded in the zip: who can read the zip has them",
                path.display()
            ),
            Place::Parameter { name, version, .. } => println!(
                "  secrets     {action}, in SSM {name} version {version}; read at each cold start (one call to {REGION})"
            ),
        }
    }

    /// What [`apply`](Self::apply) does.
    pub(crate) fn step(&self) -> Option<String> {
        self.write.as_ref()?;
        Some(match &self.place {
            Place::File(path) => format!("write the secrets into {}", path.display()),
            Place::Parameter { name, version, .. } => {
                format!("write the secrets to SSM {name} as version {version}")
            }
        })
    }

    /// Does what was planned.
    pub(crate) async fn apply(&self, plane: &impl ControlPlane) -> Result<(), Error> {
        let Some(document) = &self.write else { return Ok(()) };
        match &self.place {
            Place::File(path) => write(path, document).map_err(|why| Error::CannotWrite {
                path: path.display().to_string(),
                why: why.to_string(),
            }),
            Place::Parameter { name, version, key } => {
                // A first version must not replace one that somebody made meanwhile.
                let written =
                    plane.put_parameter(name, document, key.as_deref(), *version > 1).await;
                let written =
                    written.map_err(while_asking(format!("writing the secrets to {name}")))?;
                match written == *version {
                    true => Ok(()),
                    false => Err(Error::ChangedSecrets { parameter: name.clone() }),
                }
            }
        }
    }
}

/// All of it or nothing: keys that are lost take open payments and passes with them. For their owner alone.
fn write(path: &Path, document: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(document.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
