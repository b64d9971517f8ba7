//! What goes wrong here, and how to go on.

use std::fmt::Display;
use std::path::Path;

use crate::template::problem::Problems;

next_step::errors! {
    /// Why nothing is served, bought or signed.
    pub enum Error {
        // The content.
        NoContent {} =>
            "there is no content.toml in this folder, nor in one above it",
            "`paywall init` writes one, `--config PATH` or CONTENT_CONFIG names one that is elsewhere";
        Content { config: String, report: String } =>
            "{config} cannot be sold as it is\n\n{report}",
            "mend {config} as it says; `paywall check` looks at it again";
        SealNotNamed {} =>
            "the site is sealed, and where the bucket has its objects is not known: who pays would get nothing",
            "name the seal's file with `--seal FILE`: `paywall publish --seal FILE` makes it, or finds it in the bucket";
        TwoContents {} =>
            "both `--content DIR` and `--origin URL` say where the content is",
            "leave one out";
        NoFolder {} =>
            "the objects come from a manifest, and nothing says where they are",
            "name their folder with `--content DIR`";
        FolderNotRead { folder: String, why: String } =>
            "cannot read the content folder {folder}: {why}",
            "name an existing one with `--content DIR`";

        NoWebAcl { why: String } =>
            "nothing can be switched or vouched for: the price table cannot be read: {why}",
            "mend the content.toml; `paywall check` looks at it";
        NobodyVouched {} =>
            "everyone pays on this site, so whom --vouch would vouch for pays as well",
            "write who_pays = \"unvouched\" into [site] of the content.toml, or leave --vouch out";

        // The function.
        NoProgram { why: String } =>
            "cannot tell where this program is: {why}",
            "start it by its full path";
        NoTaskRoot { why: String } =>
            "the function's folder cannot be written: {why}",
            "TMPDIR names a folder that you may write to";
        NoSeal { path: String, why: String } =>
            "the seal in {path} cannot be read: {why}",
            "name the file that `paywall publish --seal FILE` wrote, or leave --seal out";
        NoFunction { path: String, why: String } =>
            "there is no function at {path}: {why}",
            "name an unpacked package or a program, or leave `--function` out";
        NotExecutable { path: String } =>
            "the function {path} is not executable",
            "run `chmod +x {path}`";
        FunctionStopped { why: String } =>
            "{why}",
            "the edge that started the function has the reason in its log";
        PackageNotRead { zip: String, why: String } =>
            "cannot read the package {zip}: {why}",
            "`paywall build` makes it";
        NoHandler { zip: String } =>
            "the package {zip} has no index.py, which the handler index.handler is in",
            "`paywall build` makes one that has it";
        NoPython { python: String, why: String } =>
            "cannot run {python}: {why}",
            "install Python 3.12 or newer, or name one with `--python PATH`";
        NoClient { python: String, said: String } =>
            "{python} has no awslambdaric, the client of AWS's managed runtime\n{said}",
            "run `{python} -m pip install awslambdaric==4.2.2`, or name another Python with `--python PATH`";

        // The distribution.
        TemplateNotRead { path: String, why: String } =>
            "cannot read {path}: {why}",
            "name a CloudFormation template with `--template FILE`";
        TemplateSyntax { path: String, why: String } =>
            "{path} is neither YAML nor JSON: {why}",
            "mend it there, or name another one with `--template FILE`";
        NotEmulated { path: String, problems: Problems } =>
            "{path} cannot be emulated as it is:{problems}",
            "mend these lines; `--ignore NAME` goes on without what a line names so";
        OriginUnknown { id: String, bucket: String } =>
            "the distribution reads from two buckets, and nothing says where the objects of its origin {id} ({bucket}) are",
            "`--origin {id}=DIR` or `--origin {id}=s3+http://127.0.0.1:PORT/BUCKET`";
        OriginUnused { id: String } =>
            "no behavior of the distribution uses an origin {id}",
            "check `--origin {id}=...`";
        OriginNotAsked { url: String, why: String } =>
            "cannot ask {url}: {why}",
            "check `--origin`";

        // Serving.
        NotStarted { why: String } =>
            "cannot start: {why}",
            "the system gives no threads, signals or sockets: end what takes them, and run it again";
        AddressInUse { address: String } =>
            "{address} is in use by another program",
            "stop it, or listen elsewhere (`--listen 127.0.0.1:0` takes a free port)";
        NotListening { address: String, why: String } =>
            "cannot listen on {address}: {why}",
            "choose another address with `--listen`";
        NoSandboxes {} =>
            "at least one sandbox is needed",
            "`--sandboxes 1`";

        // Asking a seller.
        NotAUrl { url: String, why: String } =>
            "{url:?} is not the URL of an object: {why}",
            "write all of it, as in http://127.0.0.1:8402/reports/2026/market.json";
        NotReached { url: String, why: String } =>
            "cannot reach {url}: {why}",
            "is the seller running? `paywall dev` is one on this machine";
        NotForSale { url: String, status: String, said: String } =>
            "{url} answered {status}, not 402; {said}",
            "";
        Free { url: String, status: String } =>
            "{url} answered {status} without a payment",
            "fetch it with `curl {url}`";
        BrokeOff { why: String } =>
            "the answer broke off: {why}",
            "ask again";
        AnswerTooBig { most: usize } =>
            "the answer is over {most} bytes, as no 402 and no refusal is",
            "ask the seller";

        // A seller's terms.
        NoTerms {} =>
            "the answer has no PAYMENT-REQUIRED header",
            "try --wire v1";
        BadTerms { what: &'static str, why: String } =>
            "{what}: {why}",
            "ask the seller";
        OtherWire { said: String, due: u8, other: &'static str } =>
            "the terms say x402Version {said}, where {due} is due",
            "try --wire {other}; if that says so too, ask the seller";
        NoOffers {} =>
            "the terms have no offers (`accepts` is empty or missing)",
            "ask the seller";
        NothingPayable { reasons: String } =>
            "no offer can be paid with an EIP-3009 token on an EVM chain:\n{reasons}",
            "use another client";

        // Paying.
        NoNonce { why: String } =>
            "the system gives no random bytes for a nonce: {why}",
            "run it again on a system that has them";
        NotSigned {} =>
            "this key cannot sign this digest",
            "run it again: it signs with another nonce";
        NotWritten { path: String, why: String } =>
            "cannot write {path}: {why}",
            "nothing was paid: name another file with --output";
        NoAnswer { why: String } =>
            "no answer, and the payment may have been taken: {why}",
            "send the same payment again";
        Refused { said: String } =>
            "{said}",
            "";
        /// Once a payment has left.
        Unsure { why: String, header: String, url: String } =>
            "{why}",
            "do not sign another payment yet; send this one again:\ncurl -H '{header}' '{url}'";
    }
}

impl Error {
    pub(crate) fn not_started(why: impl Display) -> Self {
        Error::NotStarted { why: why.to_string() }
    }

    pub(crate) fn no_program(why: impl Display) -> Self {
        Error::NoProgram { why: why.to_string() }
    }

    pub(crate) fn no_task_root(why: impl Display) -> Self {
        Error::NoTaskRoot { why: why.to_string() }
    }

    pub(crate) fn no_seal(path: &Path, why: impl Display) -> Self {
        Error::NoSeal { path: path.display().to_string(), why: why.to_string() }
    }

    pub(crate) fn no_function(path: &Path, why: impl Display) -> Self {
        Error::NoFunction { path: path.display().to_string(), why: why.to_string() }
    }

    pub(crate) fn package_not_read(zip: &Path, why: impl Display) -> Self {
        Error::PackageNotRead { zip: zip.display().to_string(), why: why.to_string() }
    }

    pub(crate) fn not_written(path: &Path, why: impl Display) -> Self {
        Error::NotWritten { path: path.display().to_string(), why: why.to_string() }
    }
}

impl From<content_config::NotFound> for Error {
    fn from(_: content_config::NotFound) -> Self {
        Error::NoContent {}
    }
}
