//! Which distribution to be.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::Error;
use crate::template::{self, Settings, Template};

/// The template of a new site.
const SITE: (&str, &str) = ("infra/site.yaml", include_str!("../../../infra/site.yaml"));

/// Where the distribution is configured.
#[derive(Debug, Args)]
pub struct TemplateArgs {
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
    /// The distribution in the file that is named, or of a new site.
    pub(super) fn read(&self) -> Result<Template, Error> {
        let settings = Settings {
            parameters: self.parameters.iter().cloned().collect(),
            ignore: self.ignored.iter().cloned().collect(),
            function_name: self.function_name.clone(),
        };
        match &self.template {
            Some(path) => template::read(path, &settings),
            None => template::read_text(Path::new(SITE.0), SITE.1, &settings),
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
