//! What goes wrong in the tool's own commands, and how to go on.

use std::fmt::Display;
use std::path::Path;

next_step::errors! {
    /// Why a shop is not begun, or its function not built.
    pub(crate) enum Error {
        #[allow(dead_code, reason = "one with AWS's part has its commands")]
        WithoutAws { word: String } =>
            "this `paywall` was built without the part that asks AWS, which `{word}` needs",
            "in a clone: `scripts/paywall.sh {word}` builds the one that has it; a release is one";
        #[allow(dead_code, reason = "one without AWS's part deploys no check")]
        NoCheck {} =>
            "the package of the scheduled check could not be made",
            "mend what is said above; or deploy without it: --parameter BookkeeperCodeKey=";
        #[allow(dead_code, reason = "one without AWS's part deploys no check")]
        NotZipped { why: String } =>
            "the scheduled check cannot be packaged: {why}",
            "deploy without it: --parameter BookkeeperCodeKey=";
        NotTold { why: String } =>
            "the facts cannot be written to standard output: {why}",
            "run it again, with standard output open";
        NotMade { folder: String, why: String } =>
            "cannot make the folder {folder}: {why}",
            "check that nothing else has that name, and that you may write there";
        NotMoved { file: String, why: String } =>
            "cannot move {file} into content: {why}",
            "move it yourself, and what else is for sale; then run `paywall init` again";
        NoScratch { why: String } =>
            "there is no place for what is temporary: {why}",
            "TMPDIR names a folder that you may write to";

        NoRandomness { why: String } =>
            "the system gives no random bytes: {why}",
            "name the site with --id";

        NoAnswer { why: String } =>
            "the answer cannot be read: {why}",
            "say --yes to move the files without being asked";

        // A shop's beginning.
        Named {} =>
            "init writes content.toml into the folder that one stands in; `--config` and CONTENT_CONFIG name one that \
             is there",
            "leave them out";
        Above { above: String } =>
            "there is a content.toml above, {above}, and what is here may be its content",
            "begin in a folder that is not below it";
        NoFolder { why: String } =>
            "this folder is gone: {why}",
            "go to one that is there";
        FeePayer { facilitator: String } =>
            "on Solana the facilitator pays the network's fee, and the content.toml names its account",
            "--fee-payer ACCOUNT: `curl {facilitator}/supported` shows it as feePayer of your network";
        NoFeePayer {} =>
            "--fee-payer is for a payee on Solana",
            "leave it out, or name an account on Solana with --pay-to";
        SellsNothing { report: String } =>
            "such a content.toml sells nothing\n\n{report}",
            "change the option that is meant";
        Already {} =>
            "there is a content.toml here already",
            "`paywall check` looks at it";
        Unsellable { report: String } =>
            "what lies in content cannot be sold as it is\n\n{report}",
            "mend that; `paywall check` looks at it again";

        // The zip.
        NoKeys {} =>
            "the function does not start without keys",
            "name their file with `--secrets FILE` (`paywall secrets --output FILE` makes it), or try it with throw-away \
             ones, `--rehearsal-secrets`";
        NoSecrets { path: String, why: String } =>
            "the secrets {path} cannot be read: {why}",
            "`paywall secrets --output FILE` makes them";
        Refused { why: String } =>
            "these files make no function that sells: {why}",
            "mend what it names: the table is content.toml's, the secrets are those of --secrets";
        Damaged { why: String } =>
            "the function that this program carries cannot be unpacked: {why}",
            "take the release again: what was unpacked of it is damaged";
        NoFunction {} =>
            "this program carries no deployable function, and the clone that it was built in is gone",
            "take a release, or build it again in a clone";
        NotRun { why: String } =>
            "cannot run scripts/build.sh: {why}",
            "check that the clone is whole, and that bash is there";
        NotBuilt {} =>
            "scripts/build.sh could not build the function",
            "it says why above";
        NoBuilt { path: String, why: String } =>
            "{path} is missing: {why}",
            "run this once where cargo is, or install Rust from https://rustup.rs";
    }
}

impl Error {
    pub(crate) fn not_made(folder: &Path, why: impl Display) -> Self {
        Error::NotMade { folder: folder.display().to_string(), why: why.to_string() }
    }

    pub(crate) fn no_scratch(why: impl Display) -> Self {
        Error::NoScratch { why: why.to_string() }
    }
}
