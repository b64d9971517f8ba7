//! Whose code has the function, where that is not this tool's stack, and how it is mended there.

use serde::{Deserialize, Serialize};

/// What keeps function and association in its owner's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lowercase")]
pub enum Owner {
    /// The module of `infra/terraform`; OpenTofu takes it as well.
    Terraform,
    /// The construct of `infra/cdk`.
    Cdk,
}

impl Owner {
    /// As the command line, the document and the watching stack have it.
    pub fn name(self) -> &'static str {
        match self {
            Owner::Terraform => "terraform",
            Owner::Cdk => "cdk",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Owner::Terraform, Owner::Cdk].into_iter().find(|owner| owner.name() == name)
    }

    /// What brings its code to AWS.
    pub fn applies(self) -> &'static str {
        match self {
            Owner::Terraform => "`terraform apply`",
            Owner::Cdk => "`cdk deploy`",
        }
    }

    /// What a guarded behaviour has in its code.
    pub(crate) fn association(self) -> &'static str {
        match self {
            Owner::Terraform => {
                "the two `lambda_function_association` blocks with `module.paywall.function_version_arn`"
            }
            Owner::Cdk => "`paywall.behavior(...)`, or `edgeLambdas: paywall.edgeLambdas`",
        }
    }

    /// What the distribution has in its code for the web ACL.
    pub(crate) fn web_acl(self) -> &'static str {
        match self {
            Owner::Terraform => "`web_acl_id = module.paywall.web_acl_arn`",
            Owner::Cdk => "`webAclId: paywall.webAclArn`",
        }
    }

    /// What of the code names the package.
    pub fn package(self, bucket: &str, key: &str, code_sha256: &str) -> String {
        let [of_bucket, of_key, of_hash] = match self {
            Owner::Terraform => {
                ["code_bucket_name = ", "code_object_key  = ", "code_sha256      = "]
            }
            Owner::Cdk => ["codeBucketName: ", "codeObjectKey: ", "codeSha256: "],
        };
        let end = if self == Owner::Cdk { "," } else { "" };
        format!(
            "  {of_bucket}{bucket:?}{end}\n  {of_key}{key:?}{end}\n  {of_hash}{code_sha256:?}{end}"
        )
    }
}

/// What is known of a function that its owner's code has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owned {
    pub by: Owner,
    /// The packages that a version may have, by their hash as Lambda tells it: the one that was judged first, and after it
    /// the one that its owner is to deploy next. Another version of the same package is none that anybody has to look at.
    pub code_sha256: Vec<String>,
}
