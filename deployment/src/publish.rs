//! `publish`: the content into the bucket, with what is known of the stack that sells it.

use next_step::Outcome;
use ship::s3::Access;
use ship::upload::{self, Context, Live, Published};

use crate::Error;
use crate::account;
use crate::control_plane::{ControlPlane, Stack};
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
        let stack = stack(plane, name).await?;
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
                context.live = seen(plane, stack, context.distribution.as_deref()).await?;
            }
        }
    }
    let invalidate = |distribution: String, paths: Vec<String>| -> upload::Invalidated<'_> {
        Box::pin(async move {
            plane.invalidate(&distribution, &paths).await.map_err(|failure| failure.to_string())
        })
    };
    context.invalidate = Some(&invalidate);
    let id = context.distribution.clone();
    let (name, id) = (arguments.stack.as_deref(), id.as_deref());
    let again = || -> upload::Said<'_> {
        Box::pin(async move {
            let Some(name) = name else { return Live::Unknown };
            let stack = stack(plane, name).await.ok().flatten();
            match stacks::live(stack.as_ref()) {
                // Whatever keeps it from being seen: nothing is deleted then.
                Some(stack) => seen(plane, stack, id).await.unwrap_or(Live::Unknown),
                None => Live::Unknown,
            }
        })
    };
    context.again = Some(&again);
    Ok(upload::publish(&arguments.upload, &context).await?)
}

/// The stack, or what its owner's code has in its place.
async fn stack(plane: &impl ControlPlane, name: &str) -> Outcome<Option<Stack>> {
    Ok(match owned::read(plane, name).await? {
        Some(owned) => Some(owned.site),
        None => stacks::read(plane, name).await?,
    })
}

async fn seen(
    plane: &impl ControlPlane,
    stack: &Stack,
    distribution: Option<&str>,
) -> Outcome<Live> {
    let (live, why) = match live::everywhere(plane, stack, distribution).await? {
        Seen::Everywhere(function) => return Ok(Live::Function(function)),
        Seen::Closed => return Ok(Live::Closed),
        Seen::Elsewhere(why) => (Live::Other, why),
        Seen::Unknown(why) => (Live::Unknown, why),
    };
    println!("the table that is live is not known: {why}");
    Ok(live)
}
