//! Reads a distribution from a file: a CloudFormation template, or what
//! `aws cloudfront get-distribution-config` prints.
//!
//! * `node` is the file as a tree that knows its lines;
//! * `intrinsics` resolves `!Ref`, `!Sub`, `!If` and so on, `conditions` what `!If` asks;
//! * `reader` collects what is wrong, and what is left out on request;
//! * `distribution`, `cache_behavior`, `origin`, `cache_policy`, `headers_policy` read the
//!   properties of those names, and stop at whatever they do not know.
//!
//! Nothing that changes what a viewer gets is passed over in silence: what is not emulated is named,
//! with its line, and stops the reading, unless it is accepted by name.

mod cache_behavior;
mod cache_policy;
mod conditions;
mod distribution;
mod headers_policy;
mod intrinsics;
mod node;
mod origin;
mod origins;
pub(crate) mod problem;
mod reader;
mod settings;

use std::path::Path;

use crate::distribution_config::DistributionConfig;
use crate::error::Error;
use intrinsics::Resolver;
use node::Node;
pub use problem::{Problem, Problems};
use reader::Reader;
pub use settings::Settings;

/// A distribution read from a file.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it is configured to do.
    pub config: DistributionConfig,
    /// What is in the file and is not emulated, though nothing stops for it.
    pub notes: Vec<String>,
}

/// Reads the distribution in a file.
///
/// # Errors
///
/// [`Error`], with everything that is wrong at once.
pub fn read(path: &Path, settings: &Settings) -> Result<Template, Error> {
    let source = std::fs::read_to_string(path)
        .map_err(|why| Error::TemplateNotRead { path: shown(path), why: why.to_string() })?;
    read_text(path, &source, settings)
}

/// Reads the distribution in a text; `path` is what messages call it.
///
/// # Errors
///
/// [`Error`], with everything that is wrong at once.
pub fn read_text(path: &Path, source: &str, settings: &Settings) -> Result<Template, Error> {
    let root =
        Node::parse(source).map_err(|why| Error::TemplateSyntax { path: shown(path), why })?;
    let resolver = Resolver::new(&root, &settings.parameters);
    let mut reader = Reader::new(&resolver, settings);
    let config = match find(&root, &resolver) {
        Ok(node) => distribution::read(&node, &mut reader),
        Err(message) => {
            reader.wrong(&root, message);
            DistributionConfig::default()
        }
    };
    match reader.finish(&root) {
        Ok(notes) => Ok(Template { config, notes }),
        Err(problems) => {
            Err(Error::NotEmulated { path: shown(path), problems: Problems(problems) })
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The `DistributionConfig` in a template, or in what the AWS CLI printed.
fn find(root: &Node, resolver: &Resolver<'_>) -> Result<Node, String> {
    let Some(resources) = root.get("Resources") else {
        let config = root
            .get("Distribution")
            .unwrap_or(root)
            .get("DistributionConfig")
            .or_else(|| root.get("DefaultCacheBehavior").map(|_| root));
        return config.cloned().ok_or_else(|| {
            "it has neither `Resources` nor a `DistributionConfig`: give a CloudFormation template, or the output of `aws cloudfront get-distribution-config --id ID`".to_owned()
        });
    };
    let distributions: Vec<_> = resources
        .entries()
        .iter()
        .filter_map(|(id, _)| match resolver.resource(id)? {
            ("AWS::CloudFront::Distribution", Some(properties)) => Some(properties),
            _ => None,
        })
        .collect();
    match distributions.as_slice() {
        [properties] => {
            let config = properties.get("DistributionConfig");
            let config = config.and_then(|config| resolver.resolve(config));
            config.ok_or_else(|| "the distribution has no DistributionConfig".to_owned())
        }
        [] => Err("it declares no AWS::CloudFront::Distribution: a template that only makes the function is emulated by `aws cloudfront get-distribution-config` of the distribution that it is attached to".to_owned()),
        several => Err(format!("it declares {} distributions; one is emulated", several.len())),
    }
}

#[cfg(test)]
mod tests;
