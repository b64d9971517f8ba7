//! `publish`: the content into the bucket, with what is known of the stack that sells it.

use next_step::Outcome;
use ship::s3::Access;
use ship::upload::{self, Context, Live, Published};

use crate::Error;
use crate::account;
use crate::control_plane::ControlPlane;
use crate::live::{self, Seen};
use crate::owned;
use crate::seal;
use crate::stacks::{self, any_name, output};

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
    let keeper = arguments.stack.as_ref().map(|stack| seal::Parameters { plane, stack });
    if let Some(name) = &arguments.stack {
        let caller = account::sign_in(plane).await?;
        context.access.owner = Some(caller.account);
        context.keeper = keeper.as_ref().map(|keeper| keeper as _);
        let stack = match owned::read(plane, name).await? {
            Some(owned) => Some(owned.site),
            None => stacks::read(plane, name).await?,
        };
        match stacks::live(stack.as_ref()) {
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
                match live::everywhere(plane, stack, context.distribution.as_deref()).await? {
                    Seen::Everywhere(function) => context.live = Live::Function(function),
                    Seen::Elsewhere(why) => {
                        println!("the table that is live is not known: {why}");
                        context.live = Live::Other;
                    }
                    Seen::Unknown(why) => println!("the table that is live is not known: {why}"),
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
