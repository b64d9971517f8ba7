//! What the function finds in its environment: the variables that Lambda reserves, those of this
//! project, and nothing of the shell that started the local edge.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
//!
//! Not set: the paths of Lambda's own runtime, and the credentials of the function's role, unless the
//! store needs them.

use std::ffi::OsStr;
use std::net::SocketAddr;

use tokio::process::Command;

use super::settings::Settings;

/// The Region in the function's environment.
pub(super) const REGION: &str = "us-east-1";
/// The function's name, as replicas of a function at the edge are called in their logs.
pub(super) const FUNCTION_NAME: &str = "us-east-1.x402-edge";
/// The function's published version.
pub(super) const FUNCTION_VERSION: &str = "1";

/// The command that starts the function in sandbox `number`.
pub(super) fn command(settings: &Settings, number: u32, runtime_api: SocketAddr) -> Command {
    let function = &settings.function;
    let (program, arguments) = match function.argv.split_first() {
        Some((program, arguments)) => (program.as_os_str(), arguments),
        // It was checked before the pool started.
        None => (OsStr::new("/"), &[][..]),
    };
    let megabytes = (settings.memory / (1_024 * 1_024)).to_string();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&function.task_root)
        .env_clear()
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_EXECUTION_ENV", &function.execution_env)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", megabytes)
        .env("AWS_LAMBDA_FUNCTION_NAME", FUNCTION_NAME)
        .env("AWS_LAMBDA_FUNCTION_VERSION", FUNCTION_VERSION)
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/x402/{FUNCTION_NAME}"))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("sandbox-{number}"))
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
        .env("AWS_REGION", REGION)
        .env("LAMBDA_TASK_ROOT", &function.task_root)
        .env("LANG", "en_US.UTF-8")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin")
        .env("TZ", ":UTC")
        .env("_HANDLER", "index.handler")
        .envs(function.env.iter().map(|(name, value)| (name, value)))
        .envs(settings.extra_env.iter().map(|(name, value)| (name, value)));
    command
}
