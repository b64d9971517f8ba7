//! What goes wrong here, and how to go on.

use std::fmt::Display;
use std::path::Path;

use content_config::Report;

next_step::errors! {
    /// Why something is not packaged, published, listed or deployed.
    pub enum Error {
        // Files, and what every command needs.
        NotRead { path: String, why: String } =>
            "cannot read {path}: {why}",
            "check that it is there, and that you may read it";
        NotWritten { path: String, why: String } =>
            "cannot write {path}: {why}",
            "check that its folder is there, that you may write to it, and that the disk is not full";
        NotStarted { why: String } =>
            "cannot start: {why}",
            "the system gives no threads or sockets: end what takes them, and run it again";
        NoContent {} =>
            "there is no content.toml in this folder, nor in one above it",
            "`paywall init` writes one, `--config PATH` or CONTENT_CONFIG names one that is elsewhere";
        Content { config: String, report: String } =>
            "{config} cannot be sold as it is\n\n{report}",
            "mend {config} as it says; `paywall check` looks at it again";
        ForSale { output: String } =>
            "{output} lies in the content folder, where everything is for sale",
            "name another place with --output";

        // Packages.
        NoPackage { zip: String, why: String } =>
            "cannot read {zip}: {why}",
            "`paywall build` makes it";
        NoPackageRecord { json: String, why: String } =>
            "cannot read {json}: {why}",
            "`paywall build` writes it beside the zip: run it again";
        NotAPackageRecord { json: String, why: String } =>
            "{json}: not what `paywall build` writes: {why}",
            "run `paywall build` again";
        OtherPackage { zip: String, json: String } =>
            "{zip} is not the file that {json} describes",
            "run `paywall build` again";
        Rehearsal { zip: String } =>
            "{zip} holds throw-away secrets of a rehearsal",
            "package it with real ones (`paywall deploy` does, without --zip)";
        NotAPackage { zip: String, why: String } =>
            "{zip} is not what `paywall build` makes: {why}",
            "run `paywall build` again";
        OtherTable { zip: String, config: String } =>
            "{zip} sells by another table than {config}",
            "package that one (`paywall deploy` does, without --zip)";
        BadTable { table: String, why: String } =>
            "{table}: {why}",
            "run `paywall build` again: it compiles the table anew";
        SecretsNotJson { path: String, line: usize, column: usize } =>
            "{path} is not JSON (line {line}, column {column})",
            "`paywall secrets` makes the function's secrets";
        NotZipped { why: String } =>
            "the function cannot be zipped: {why}",
            "run it again; if it stays so, delete the folder of the output, where `bootstrap` is kept compressed";
        TooBig { bytes: usize, most: usize } =>
            "the zip has {bytes} bytes, and Lambda@Edge takes {most}",
            "sell fewer objects from one distribution";

        // Where the function goes.
        NotAVersion { arn: String } =>
            "{arn:?} is not the ARN of a function's version",
            "write it as arn:aws:lambda:us-east-1:ACCOUNT:function:NAME:VERSION";
        NotNumbered { arn: String } =>
            "{arn}: Lambda@Edge takes a numbered version, and neither $LATEST nor an alias",
            "publish a version, and name its number: the stack's output FunctionVersionArn is one";
        OtherRegion { arn: String } =>
            "{arn}: Lambda@Edge takes functions of us-east-1 only",
            "deploy the function there: `paywall deploy` and `paywall attach` do";
        NotADistribution { why: String } =>
            "not a distribution's configuration: {why}",
            "CloudFront's own has all of it: run the same command again, or take a newer version of this tool";
        NotAnAnswer { fact: String, why: String } =>
            "{fact}: not an answer of AWS's: {why}",
            "run the same command again, or take a newer version of this tool";
        NothingGated { function: String } =>
            "no behaviour has the function {function}",
            "put it on one: `paywall attach` does, and `paywall deploy` again for its own distribution";
        NotAmongPaths { behaviour: String } =>
            "{behaviour} has the function, and is not among the --path options",
            "name it as well, or take the function off first (`paywall attach --rollback FILE`)";
        NoSuchBehaviour { path: String, known: String } =>
            "no behaviour has the path pattern {path:?}; there are: {known}",
            "name these with --path, as often as needed";
        OtherKind { behaviour: String, function: String, event: String } =>
            "function-conflict: {behaviour} has the CloudFront Function {function} on {event}, and viewer events take \
             either kind of function, not both",
            "take it off first";
        OtherFunction { behaviour: String, function: String, event: String } =>
            "function-conflict: {behaviour} has {function} on {event}, and an event takes one function",
            "take it off first";
        OtherDistribution {} =>
            "the configuration that is to be put back is of another distribution",
            "name the file that bears this distribution's id";

        // Whether it may be deployed.
        NotDeployed { why: String } =>
            "not deployed:\n  {why}",
            "mend that in content.toml, or accept what is meant by name, and run the same command again";
        NotARecord { place: String, why: String } =>
            "{place}: not the record of a deployment: {why}",
            "name another one, or leave it out: then every payee counts as changed, and nothing is deleted";
        OtherId { id: String, stack: String, live: String } =>
            "[site] id = {id:?}, and stack {stack} is live as {live:?}: under a new id the function forgets who bought \
             what and which payments are open",
            "write id = {live:?} back, or --accept-new-site-id";
        SharedPayee { stack: String, payee: String, elsewhere: String, store: String } =>
            "stack {stack} sells for {payee}, too, and remembers it in {elsewhere}, not in {store}: a payment names its \
             payee and no shop, so one payment could open something in each",
            "Give each store a `pay_to` of its own, or name one store in both, or write shared_pay_to = true into \
             [redemptions], which weakens P5";
        HeldByOther { id: String, holder: String, place: String } =>
            "[site] id = {id:?} is held by stack {holder} ({place}): under one id two sites would open what the other \
             one sold",
            "write another id, or, if that stack is gone and this one takes its place, --accept-new-site-id";
        NotAHolder { place: String, why: String } =>
            "{place} does not say which stack holds the id ({why})",
            "look at it, and delete it";
        OtherVersion { place: String, version: String, ours: String } =>
            "{place} is of version {version}, and this program reads {ours}",
            "take the version of this tool that wrote it, or a newer one";
        HolderGone { place: String } =>
            "{place} was written and is gone",
            "run it again";

        // Secrets.
        NoRandomness { why: String } =>
            "no random numbers: {why}",
            "run it again on a system that has them";
        OpenToOthers { path: String } =>
            "{path} can be read by others",
            "chmod 600 it";
        NotSecrets { place: String, line: usize, column: usize } =>
            "{place} does not hold secrets (line {line}, column {column})",
            "docs/secrets.md shows how they are written";
        TooManySecrets { bytes: usize, most: usize } =>
            "the secrets are {bytes} bytes; an SSM parameter holds {most}",
            "take out those that no facilitator and no node of content.toml needs";
        SecretsElsewhere {} =>
            "the secrets point to an SSM parameter",
            "name a file that holds them";
        BadSecrets { why: String } =>
            "the secrets' document {why}",
            "docs/secrets.md shows how they are written";
        OtherSite { why: String } =>
            "{why}",
            "write that id back, or --accept-new-site-id";
        Incomplete { what: String } =>
            "{what}",
            "write what is missing or wrong into a file and name it with --merge-secrets (of `paywall secrets`: --merge)";
        NotRehearsed { what: String } =>
            "{what}",
            "a table that demands secrets is packaged with a file that has them: `paywall build --secrets FILE`, or \
             SECRETS_FILE";
        SecretsThere { output: String } =>
            "{output} is there already, and keys that are lost take open payments and passes with them",
            "name another `--output`, or `--from {output}`, with `--rotate` for new keys beside the old ones";

        // S3.
        BadBucketName { bucket: String } =>
            "{bucket:?} cannot be the name of a bucket",
            "3 to 63 of a-z, 0-9, `-` and `.`, as in `my-shop-content`, without `s3://`";
        NoRegion { region: String, why: String } =>
            "{region:?} is no AWS Region: {why}",
            "`us-east-1` is one";
        NoBucketUrl { bucket: String, region: String, why: String } =>
            "bucket {bucket:?} in region {region:?} has no URL: {why}",
            "check --endpoint-url";
        NoCredentials {} =>
            "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            "or log in (`aws configure`, `aws sso login`) and use a `paywall` that is built with its AWS part: that one \
             knows profiles";
        S3 { said: String, advice: String } =>
            "{said}",
            "{advice}";

        Gone { package: String, count: usize, first: String, bucket: String } =>
            "{package} sells {count} objects that are not where it would ask for them in s3://{bucket}, {first:?} for one: \
             who bought them would be charged for nothing",
            "`paywall publish` them again as that package has them, or bring back one whose objects are there";

        Going { package: String, over: String } =>
            "{package} has the seal that was changed, and what lies below it may be deleted from {over} on",
            "`paywall deploy` packs the new one; --accept-unseen goes on, if nobody runs `paywall publish --delete`";

        NotTold { package: String, why: String } =>
            "what {package} sells cannot be told: {why}",
            "look whether the bucket has its objects; --accept-unseen goes on";

        // Seals.
        NoSeal {} =>
            "the site is sealed, and its seal is not known",
            "name its file with --seal: `paywall publish --seal FILE` makes it if the bucket has no sealed folder yet, and \
             takes that folder's if it has one";
        NoSealFile { path: String } =>
            "there is no seal in {path}",
            "`paywall publish --seal {path}` makes it with the first objects, or finds it in the bucket";
        BadSeal { place: String, why: String } =>
            "the seal in {place} cannot be used: {why}",
            "name the site's own (`paywall deploy --accept-new-site-id` takes over the stack's); if it is lost, name a file that is not there yet: `paywall publish --seal FILE` finds it \
             again in the bucket";
        OtherSeal { bucket: String } =>
            "the objects in {bucket} lie below another seal than this one",
            "name that one: `paywall publish --seal FILE` finds it in the bucket, if FILE is not there yet";
        ManySeals { bucket: String, count: usize } =>
            "{count} folders in {bucket} look like seals, and which is the site's is not known",
            "write the one that the function has into a file, in the form that docs/seal.md shows, and name it with --seal; or \
             delete the others";
        NotPackedSealed { zip: String } =>
            "{zip} has no seal, and the site is sealed: it would not start",
            "leave --zip out, or make it with `paywall build --seal FILE`";
        SealsDiffer { parameter: String } =>
            "SSM parameter {parameter}, --seal and the package do not have the same seal",
            "leave --seal and --zip out: the parameter has the one below which the objects are";
        NothingSealed { bucket: String, open: usize } =>
            "{open} objects on sale lie open in {bucket}, and not below the seal: a function that looks there is paid, and finds nothing",
            "publish them below it first, until it ends: `paywall publish --seal FILE`; with --stack alone, if the stack has a seal already";
        BegunSeal { path: String } =>
            "the seal in {path} is being changed, and not all is below the new one yet: a package would have the old one, below which nothing new is published",
            "go on with the change first: `paywall publish --seal {path}`; then `paywall build` packs the new seal";
        SealMadeMeanwhile { path: String } =>
            "{path} was made meanwhile, by another run, and may have another seal",
            "run it again when the other has ended: it takes the seal that the file has then";
        SealNotRead { place: String, why: String } =>
            "{place} cannot be read: {why}",
            "mend that and run it again: nothing is changed";
        SealNotKept { place: String, why: String } =>
            "{place} cannot be written: {why}",
            "mend that and run it again: it goes on where it stopped";
        BadReseal { place: String } =>
            "{place} does not tell of a change of the seal beside it",
            "look at it: if no folder of the bucket is the one that it names `to`, delete it, and begin anew with              `paywall publish --reseal`";
        NothingToReseal { why: String } =>
            "--reseal: {why}",
            "leave --reseal out; docs/seal.md says how a site is sealed";
        PublishFirst { count: usize } =>
            "--reseal: the live function sells {count} objects that are not in the bucket as content.toml has them: they would go below the              new seal alone, and who buys them is charged for nothing until the next deployment",
            "`paywall publish` first, without --reseal";
        SealForSale { path: String } =>
            "{path} lies in the content folder, where everything is for sale, and would have the seal in it",
            "name another place with --seal";
        TwoKeepers { place: String, path: String } =>
            "{place} keeps the seal, which changes, and --seal names {path}, which would keep the old one",
            "leave --seal out, and delete {path}";
        ForeignSeals { bucket: String, count: usize } =>
            "{count} folders in {bucket} look like seals, and are not the one that is to be changed: a change that was begun with              another file, or by another stack",
            "go on where it was begun, with the file that has FILE.reseal beside it; or delete the folders below which no function asks";
        ResealBegunMeanwhile { place: String } =>
            "{place} was made meanwhile: another run has begun a change of the seal",
            "run it again: it goes on with that one";
        SealMoved { place: String } =>
            "the seal in {place} changed while this run published below the one from before",
            "run it again, before anything is deployed: it publishes below the one that is there now";
        NotFilled { bucket: String, count: usize, first: String } =>
            "the seal changes, and {count} objects on sale do not lie below it in {bucket} as content.toml has them, {first:?} for one:              who bought them would be charged for nothing",
            "`paywall publish` first, of this very content.toml: it copies or sends what is missing";
        StillFilled { bucket: String } =>
            "objects came below the old seal in {bucket} while those that were there were deleted",
            "see to it that nobody publishes with the old seal any more, and run it again";
        NotSealed {} =>
            "a seal is named, and the site is not sealed",
            "write `sealed = true` into [site], or leave the seal out";
        KeyTooLong { key: String, over: usize } =>
            "{key:?} is {over} bytes too long for S3 with the seal and --prefix before it",
            "make the key or the prefix shorter";

        // Publishing.
        NotUploaded { config: String, report: String } =>
            "{report}\nnothing is uploaded: {config} has errors",
            "mend {config} as it says; `paywall check` looks at it again";
        NoBytes { key: String } =>
            "nothing is uploaded: {key:?} is listed in a manifest",
            "name the folder that it is in, `content = \"...\"` in [site]";
        NoBucket {} =>
            "no bucket is named",
            "name it with --bucket";
        BadPrefix { prefix: String } =>
            "--prefix {prefix:?}: keys have no slash in front",
            "leave out the slash in front";
        NobodyToAsk {} =>
            "there is no terminal to ask on",
            "look at the plan above, and say --yes";
        NoAnswer { why: String } =>
            "the answer cannot be read: {why}",
            "say --yes to go on without being asked";
        ManifestNotWritten { path: String, why: String } =>
            "the manifest {path} cannot be written: {why}",
            "all is uploaded; name another place with --manifest";
        OtherEtag { key: String, theirs: String, ours: String, manifest: String } =>
            "the bucket gave {key:?} the ETag {theirs}, and the table has {ours}: it encrypts with KMS keys",
            "Add `published = {manifest:?}` to [site], so that the table takes the ETags from the manifest, and run this \
             again";
        OtherManifest { record: String, manifest: String } =>
            "the table takes its ETags from {record}, and the manifest went to {manifest}",
            "leave out --manifest";
        Changed { key: String } =>
            "{key:?} changed while it was uploaded",
            "run this again";
        NotInvalidated { distribution: String, why: String } =>
            "all is uploaded, and CloudFront keeps its old copies: {why}",
            "run `aws cloudfront create-invalidation --distribution-id {distribution} --paths '/*'`";
    }
}

impl Error {
    /// As its case says.
    pub fn not_read(path: &Path, why: impl Display) -> Self {
        Error::NotRead { path: path.display().to_string(), why: why.to_string() }
    }

    /// As its case says.
    pub fn not_written(path: &Path, why: impl Display) -> Self {
        Error::NotWritten { path: path.display().to_string(), why: why.to_string() }
    }

    /// As its case says.
    pub fn not_started(why: impl Display) -> Self {
        Error::NotStarted { why: why.to_string() }
    }

    /// As its case says.
    pub fn content(config: &Path, report: &Report) -> Self {
        Error::Content { config: config.display().to_string(), report: report.to_string() }
    }
}

impl From<content_config::NotFound> for Error {
    fn from(_: content_config::NotFound) -> Self {
        Error::NoContent {}
    }
}
