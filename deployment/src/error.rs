//! Why a deployment does not go on.

use crate::control_plane::{Failure, Kind};

next_step::errors! {
    /// Why a deployment does not go on. Nothing is half done that the same command does not finish.
    pub enum Error {
        /// AWS's answers, by what helps.
        NoCredentials {} => "no AWS credentials", "run 'aws configure' or 'aws sso login', or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
        NoProfile { profile: String } => "AWS_PROFILE names a profile that does not exist: {profile}",
            "'aws configure list-profiles' lists them";
        Expired {} => "the AWS credentials have expired", "sign in again ('aws sso login'), then run the same command";
        UnknownCredentials {} => "AWS does not know these credentials",
            "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";
        NoRandomness { why: String } => "the system gives no random bytes: {why}", "name the buckets with --bucket and --artifact-bucket";
        Denied { what: String, said: String } => "{what}: these credentials may not do that",
            "{said}\ninfra/deployer-policy.json allows all that is asked; then run the same command again";
        Throttled { what: String } => "{what}: AWS asks for patience, whatever is tried again",
            "nothing is half done: wait a minute and run the same command again";
        Unreachable { what: String, said: String } => "{what}: AWS cannot be reached", "{said}\nthen run the same command again";
        Refused { what: String, said: String } => "{what} failed", "{said}\nmend that and run the same command again";

        /// The command line.
        StackNameLength { name: String, length: usize } => "--stack {name}: {length} characters, and 37 are the most",
            "a function's name has 64: CloudFormation cuts STACK-EdgeFunction-RANDOM to that, and two stacks' functions look alike";
        RotateWithZip {} => "--rotate-secrets changes the zip: leave --zip away", "run it again without --zip";
        AlarmEmailAsParameter {} => "--parameter AlarmEmail: one address is for the alarms of every stack", "name it with --alarm-email ADDRESS, or --alarm-email none";
        OwnParameter { key: String } => "--parameter {key}: that is looked at before it is deployed, and this would be another one",
            "name the bucket with --bucket, the package with --zip, and where it is kept with --artifact-bucket";
        NoAlarmEmail {} => "nobody has said who is told by the alarms, and nobody is there to ask",
            "add --alarm-email ADDRESS, or --alarm-email none: they are seen in the console only then; the next deployments remember it";
        NotAnAddress { answer: String } => "not an address: {answer}", "run it again with --alarm-email ADDRESS, or --alarm-email none";
        Nobody { question: String } => "{question} Nobody is there to answer", "add --yes to go on without being asked";
        Question { why: String } => "the answer cannot be read: {why}", "run it again with --yes, and --alarm-email where that was asked";

        /// Stacks.
        StackGoing { stack: String, region: String } => "stack {stack} is being deleted",
            "wait for it: aws cloudformation wait stack-delete-complete --region {region} --stack-name {stack}; then run the same command again";
        StackBusy { stack: String, status: String, site: String } => "stack {stack} is in the middle of something ({status}): an earlier run, or somebody else",
            "wait until `paywall status --stack {site}` says that it is complete; then run the same command again";
        StackHalf { stack: String, status: String, region: String, why: String } => "stack {stack} could neither be updated nor put back ({status})",
            "{why}\nmend what it names, then: aws cloudformation continue-update-rollback --region {region} --stack-name {stack}; then run the same command again";
        StackStuck { stack: String, status: String, why: String } => "stack {stack} is stuck ({status})",
            "{why}\nrun `paywall destroy --stack {stack}`, which keeps the content; then run the same command again";
        PartStuck { stack: String, status: String, region: String, why: String } => "stack {stack} in {region} is stuck ({status})",
            "{why}\nit sells nothing: aws cloudformation delete-stack --region {region} --stack-name {stack}; then run the same command again";
        StackUnknown { stack: String, status: String } => "stack {stack} is in a state that this tool does not know: {status}",
            "look at it in the CloudFormation console";
        ForeignStack { stack: String } => "stack {stack} is none of this tool's, as CDK's are: it would be overwritten, or deleted",
            "name another stack with --stack; where CDK's code has the function, its owner deploys and destroys it, and `paywall watch ID --stack {stack} --owner cdk` watches it";
        TooBig { why: String } => "CloudFront refuses the function's size: this account has the older quota of 1,048,576 bytes",
            "{why}\nsell fewer objects in one function, or ask AWS Support for the newer Lambda@Edge quotas";
        PolicyThere { stack: String, why: String } => "stack {stack} could not be made: a bucket has a policy, and CloudFormation cannot add to it",
            "{why}\nthe content bucket's stays yours with --own-bucket-policy; another bucket must have none";
        AlreadyThere { stack: String, why: String } => "stack {stack} could not be made: something that it makes exists already",
            "{why}\nif it is a bucket of yours, add --parameter CreateContentBucket=no (or CreateRedemptionsBucket, CreateFreeBucket)";
        NotCreated { stack: String, status: String, why: String } => "stack {stack} could not be created; everything was taken back ({status})",
            "{why}\nmend that and run the same command again: the empty shell is removed first";
        NotUpdated { stack: String, status: String, why: String } => "stack {stack} could not be updated; it is as it was before ({status})",
            "{why}\nmend that and run the same command again; the live site is untouched";
        NotDeployed { stack: String, status: String, why: String } => "stack {stack} could not be deployed ({status})",
            "{why}\nmend that and run the same command again";
        NotDeleted { stack: String, why: String } => "stack {stack} could not be deleted",
            "{why}\nmend what it names and run the same command again";

        /// Buckets.
        BucketName { option: String, bucket: String } => "{option} {bucket}: not a bucket's name",
            "3 to 63 lower-case letters, digits and hyphens; no dots, which TLS certificates do not cover";
        BucketElsewhere { bucket: String, mend: String } => "bucket {bucket} is not in us-east-1", "{mend}";
        BucketTaken { bucket: String, mend: String } => "the name {bucket} is taken: bucket names are the world's, and this one is somebody else's", "{mend}";
        ArtifactsElsewhere { bucket: String } => "bucket {bucket} is not in us-east-1, and Lambda takes code from its own Region only",
            "name another one with --artifact-bucket";
        ArtifactsTaken { bucket: String } => "bucket {bucket} belongs to somebody else, or these credentials may not see it",
            "name another one with --artifact-bucket";
        PolicyIsTheStacks { bucket: String } => "the policy of bucket {bucket} is the stack's, which would take it away",
            "leave --own-bucket-policy out";
        HasPolicy { bucket: String, policy: String, statements: String } => "bucket {bucket} has a policy, and CloudFormation cannot add to it:\n       {policy}",
            "with --own-bucket-policy it stays yours, and you add these two statements (the distribution is named once it is there):\n{statements}\nor name another bucket with --bucket, or take the policy away";
        OtherContent { named: String, stack: String, content: String } => "--delete-content {named}: the content of stack {stack} is in {content}",
            "type its name to delete it";
        NotThisAccounts { bucket: String } => "bucket {bucket} is not this account's", "name the stack's own, which `paywall status` shows";
        OldVersions { bucket: String } => "bucket {bucket} is not empty: it keeps old versions",
            "empty it in the S3 console, then run the same command again";

        /// Distributions.
        NoDistribution { account: String, id: String } => "account {account} has no distribution {id}",
            "aws cloudfront list-distributions --query 'DistributionList.Items[].[Id,DomainName]' lists them";
        ChangedMeanwhile { id: String } => "somebody changed distribution {id} meanwhile", "nothing was changed here: run the same command again";
        Untouched { id: String } => "what is refused above leads round the function; distribution {id} is untouched",
            "change what is refused above, then run the same command again";
        LeadsRound { stack: String } => "the site is deployed, and what is refused above leads round the function",
            "mend it now, or take the site down: paywall destroy --stack {stack}";
        Owned { id: String, owner: String, lines: String } => "distribution {id} is {owner}'s, whose next deployment takes the function off: all is free then",
            "--accept-owner {owner} attaches it nevertheless; before {owner} deploys again, its code must have what is printed then:\n{lines}";
        NotAssociated { id: String, why: String } => "the function cannot go there; distribution {id} is untouched", "{why}";
        Guards { ids: String } => "the function guards distribution {ids}: without it, what it guards is free",
            "put the distribution back first (paywall attach ID --rollback FILE), or add --open";
        NoFile { path: String, why: String } => "cannot read {path}: {why}", "`paywall attach` leaves these files in dist/rollback";
        NoConfiguration { path: String } => "{path}: not what `paywall attach` keeps", "name a file from dist/rollback";
        MetricsOff { id: String } => "distribution {id} has its additional metrics turned off, and alarms need them",
            "aws cloudfront delete-monitoring-subscription --distribution-id {id} lets this script turn them on; or use --no-watch";

        Changed { id: String, why: String } => "distribution {id} is not what was deployed: {why}",
            "somebody changed it meanwhile: look at it, then run the same command again";

        /// What its owner's code has.
        NoOwner { stack: String } => "nobody has said whose code has the function of {stack}", "add --owner terraform, or --owner cdk; it is remembered";
        OwnStack { stack: String, id: String } => "the function of stack {stack} is this tool's own: `paywall attach {id} --stack {stack}` watches it",
            "has the distribution gone over to Terraform or CDK, name what is there with --stack; then `paywall destroy --stack {stack}`";
        ManyVersions { id: String, versions: String } => "distribution {id} runs more than one version: {versions}",
            "have its owner's code name one of them in all behaviours, then run the same command again";
        OtherParameter { key: String } => "--parameter {key}: infra/watch.yaml has no parameter of the seller's of that name", "infra/README.md lists those with a W";
        RoundOwned { applies: String } => "what is refused above leads round the function, and nothing is written down",
            "change it in the code, and {applies}; then run the same command again";
        RollsBackInCode { stack: String, applies: String } => "the function of {stack} is in its owner's code, and goes back there",
            "name the earlier package's key and hash in the code, and {applies}; `paywall watch --zip` with that package before, so that it is expected";

        /// What would be sold, and is not there.
        Unpublished { count: usize, sold: usize, first: String, bucket: String, publish: String } =>
            "not deployed: {count} of {sold} priced objects are not in s3://{bucket} where the function would ask for them, {first:?} for one: who bought them would be charged for nothing",
            "{publish} first, or bring them there as you do, then run the same command again";
        GoneMeanwhile { count: usize, sold: usize, first: String, bucket: String, publish: String } =>
            "deployed, and {count} of {sold} priced objects went from s3://{bucket} meanwhile, {first:?} for one: who buys them is charged for nothing",
            "{publish} now";
        Unseen { what: String, why: String } => "whether {what} has what is sold cannot be seen: {why}",
            "allow s3:ListBucket and s3:GetBucketLocation on the bucket, and run the same command again; --accept-unseen sells it unseen, if you know that it is there";

        BucketChanges { stack: String, from: String, to: String } =>
            "not deployed: {stack} sells from s3://{from}, and nobody can read s3://{to} before the distribution has changed: who buys meanwhile would be charged for nothing",
            "close the site for the change: the same command with --parameter Open=no; then the same without it";
        DryRunAgain { package: String, objects: usize, until: String } =>
            "{package} charges nothing for {objects} priced objects until {until}: going back to it would give them away again",
            "deploy what is to be charged for; or --accept-dry-run, if that is meant";
        NotTheirs { stack: String, version: String } =>
            "what {version} sells is not known: there is no stack {stack}, and no function of one",
            "name the stack that attached it with --stack; or --accept-unseen, if it is no function of this tool's";
        SiteOfItsOwn { stack: String } => "stack {stack} is a site of its own: attached, it would lose its distribution and its bucket",
            "name another stack with --stack";

        /// Publishing.
        NoBucketYet { stack: String } => "there is no stack {stack}, so no bucket yet",
            "`paywall deploy` makes both, and sells nothing before it is run again; or name a bucket of your own with --bucket";
        NoBucketOfItsOwn { stack: String } => "stack {stack} has no content bucket of its own", "name the bucket with --bucket";

        /// Switches.
        NobodyVouches {} => "who_pays = \"unvouched\" and there is no web ACL: nobody would be vouched for, and everybody pay",
            "leave --parameter WebAcl=off out, or write who_pays = \"everyone\"";
        NothingToSwitch { stack: String } => "there is no stack {stack}: nothing is sold that could be switched", "name it with --stack";
        SwitchOfWhat {} => "which distribution sells is not known", "name it with --distribution";
        NoWebAcl { id: String } => "distribution {id} has no web ACL, which a switch is a rule of",
            "`paywall deploy --parameter WebAcl=on` makes one; until then `paywall deploy --parameter Open=no` closes the site";
        WebAclGone { arn: String } => "the web ACL {arn} is gone", "`paywall deploy` makes it again, then switch";
        WebAclBusy {} => "somebody else keeps changing the web ACL", "run the same command again";
        OtherSwitch { site: String } => "the web ACL has the switch of another site, {site}, and two would put the same header",
            "switch that one off first, or give each site a web ACL of its own";
        LetThrough { rule: String } => "the rule {rule} of the web ACL lets requests through before a switch could be said",
            "give it a higher priority number, or let it count and not allow; then run the same command again";
        SwitchTooLong {} => "what gives content away ends within 30 days", "name an earlier --until, and switch again when it has come near";
        SwitchTooWide {} => "so many hosts do not fit into a header's 255 bytes", "name fewer; `closed` takes payments by none";
        SwitchWithoutRandomness { why: String } => "the system gives no random bytes: {why}", "run it on another machine";
        SwitchSecrets { of: String } => "the keys of {of} are in no SSM parameter of its stack's, and a switch is signed with them",
            "name the file of the site's secrets with --secrets FILE";
        SwitchUnderWay { stack: String, status: String } => "stack {stack} is {status}, and its deployment would put the switch back",
            "wait until it has ended, and run the same command again; another switch can be set at any time";
        SwitchGoesToo {} => "a switch is on, and would go with the web ACL",
            "turn it off first, by `paywall switch off`; or leave --parameter WebAcl=off out";
        SwitchOfOtherKeys { stack: String } => "the switch that is on in stack {stack} would say nothing to the function of that package, whose keys the live \
             one has not",
            "turn it off first, by `paywall switch off`, and set it again afterwards; or close the site meanwhile, by `paywall deploy --parameter Open=no`";
        NotAgreed { url: String, last: String } => "the web ACL says so, and after ten minutes {url} does not (the last answer: {last})",
            "is it the function that answers there? Name another --url; else run the same command again, and look at `paywall switch status`";

        /// Packages and secrets.
        NotSold { why: String } => "not deployed", "{why}\nmend that and run the same command again";
        NotClaimed { why: String } => "the site's id could not be claimed in the store", "{why}\nmend that and run the same command again";
        SecretsFile { path: String, why: String } => "the secrets in {path} cannot be taken: {why}", "mend that and run the same command again";
        ChangedSecrets { parameter: String } => "somebody else changed {parameter} meanwhile", "run the same command again";
        ChangedSeal { parameter: String } => "the seal in {parameter} changed since this run began", "nothing was deployed: run the same command again";
        CannotWrite { path: String, why: String } => "cannot write {path}: {why}", "mend that and run the same command again";
        NoStack { stack: String } => "there is no stack {stack} to roll back", "`paywall deploy` makes a new site";
        NotItsOwn { stack: String } => "stack {stack} has no distribution of its own",
            "`paywall attach ID --rollback FILE` puts the earlier function back on yours";
        NoPackage { bucket: String, stack: String, to: String } => "no package in s3://{bucket}/{stack}/ begins with {to}",
            "`paywall rollback --stack {stack}` lists them";
        ManyPackages { to: String, keys: String } => "more than one package begins with {to}", "write more of it: {keys}";
    }
}

/// What a failed call means, said of what was being done.
pub(crate) fn while_asking(what: impl Into<String>) -> impl FnOnce(Failure) -> Error {
    let what = what.into();
    move |failure| {
        let said = failure.to_string();
        match failure.kind {
            Kind::NoCredentials => Error::NoCredentials {},
            Kind::NoProfile => {
                Error::NoProfile { profile: std::env::var("AWS_PROFILE").unwrap_or_default() }
            }
            Kind::Expired => Error::Expired {},
            Kind::Unknown => Error::UnknownCredentials {},
            Kind::Denied => Error::Denied { what, said },
            Kind::Throttled => Error::Throttled { what },
            Kind::Unreachable => Error::Unreachable { what, said },
            Kind::Refused => Error::Refused { what, said },
        }
    }
}
