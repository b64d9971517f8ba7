//! Which distribution to be.

use std::path::PathBuf;

use clap::Args;

use crate::template::{self, Settings, Template};
use crate::{DistributionConfig, function};

/// The template of this workspace.
const SITE: &str = "infra/site.yaml";

/// Where the distribution is configured.
#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    /// CloudFormation template with a distribution, or the output of `aws cloudfront
    /// get-distribution-config` [default: infra/site.yaml]
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,

    /// Value of a parameter of the template
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,

    /// Go on without something in the template that is not emulated
    #[arg(long = "ignore", value_name = "NAME")]
    ignored: Vec<String>,

    /// Which function of the template is the one that runs here, where the template does not tell:
    /// its name in the ARN of the association
    #[arg(long, value_name = "NAME")]
    function_name: Option<String>,
}

impl TemplateArgs {
    /// The distribution in the file, or outside of the workspace one that sells everything.
    pub(super) fn read(&self) -> anyhow::Result<Template> {
        let workspace = || Some(function::workspace()?.join(SITE)).filter(|site| site.is_file());
        let Some(path) = self.template.clone().or_else(workspace) else {
            return Ok(Template { config: DistributionConfig::default(), notes: Vec::new() });
        };
        let settings = Settings {
            parameters: self.parameters.iter().cloned().collect(),
            ignore: self.ignored.iter().cloned().collect(),
            function_name: self.function_name.clone(),
        };
        Ok(template::read(&path, &settings)?)
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
