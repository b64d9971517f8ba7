//! `publish`: the content into the bucket, with what is known of the stack that sells it.

use next_step::Outcome;
use ship::s3::Access;
use ship::upload::{self, Context, Live, Published};

use crate::Error;
use crate::account;
use crate::control_plane::ControlPlane;
use crate::error::while_asking;
use crate::package;
use crate::seal;
use crate::stacks::{self, any_name, live, output};

/// Publishes content: sends what is new or changed, and says what to do next.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
#[group(skip)]
pub struct Arguments {
    /// Take bucket, distribution and the table that is live from this stack.
    #[arg(long, value_name = "NAME", value_parser = any_name)]
    stack: Option<String>,
    #[command(flatten)]
    upload: upload::Arguments,
}

impl Arguments {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.upload.json()
    }
}

/// Publishes.
pub async fn run(plane: &impl ControlPlane, arguments: &Arguments) -> Outcome<Published> {
    let mut context =
        Context::plain(Access { credentials: account::credentials(plane).await?, owner: None });
    if let Some(name) = &arguments.stack {
        let caller = account::sign_in(plane).await?;
        context.access.owner = Some(caller.account);
        context.seal = seal::kept(plane, name).await?;
        let stack = stacks::read(plane, name).await?;
        match live(stack.as_ref()) {
            None if arguments.upload.bucket().is_none() => {
                return Err(Error::NoBucketYet { stack: name.clone() }.into());
            }
            None => context.live = Live::Nothing,
            Some(stack) => {
                let text =
                    |key| Some(output(Some(stack), key).to_owned()).filter(|text| !text.is_empty());
                context.bucket = text("ContentBucketName");
                if context.bucket.is_none() && arguments.upload.bucket().is_none() {
                    return Err(Error::NoBucketOfItsOwn { stack: name.clone() }.into());
                }
                context.distribution = arguments
                    .upload
                    .distribution()
                    .map(str::to_owned)
                    .or_else(|| text("DistributionId"));
                let state = match &context.distribution {
                    None => None,
                    Some(id) => plane
                        .distribution(id)
                        .await
                        .map_err(while_asking(format!("asking for distribution {id}")))?,
                };
                let state = state.map_or_else(|| "unknown".to_owned(), |found| found.status);
                // The record tells what is live only when nothing is on its way to the edge.
                let settled = stack.status.ends_with("_COMPLETE") && state == "Deployed";
                let record = if settled { package::live_record(plane, stack).await? } else { None };
                match record {
                    Some(record) => context.live = Live::Table(record.table_sha256),
                    None => println!(
                        "the table that is live is not known: stack {}, distribution {state}",
                        stack.status
                    ),
                }
            }
        }
    }
    let invalidate = |distribution: String, paths: Vec<String>| -> upload::Invalidated<'_> {
        Box::pin(async move {
            plane.invalidate(&distribution, &paths).await.map_err(|failure| failure.to_string())
        })
    };
    context.invalidate = Some(&invalidate);
    Ok(upload::publish(&arguments.upload, &context).await?)
}
