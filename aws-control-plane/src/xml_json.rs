//! CloudFront's XML as the JSON that `aws cloudfront` prints, and back, without loss.
//!
//! The command line knows each element's type from AWS's model. Here only those are known that are a list, a truth or a
//! number; all else is text or a structure, whatever it is called, so that what AWS adds passes through. Its REST-XML does
//! not depend on the order of elements: <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>.
//!
//! The tables are from botocore's `cloudfront/2020-05-31/service-2.json`: all that `GetDistributionConfig`,
//! `ListDistributions`, `GetCachePolicy` and `GetOriginRequestPolicy` lead to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::xml::{self, Element};

/// <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html>
const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

const TRUTHS: [&str; 15] = [
    "AdvertiseTrustStoreCaNames",
    "CloudFrontDefaultCertificate",
    "Compress",
    "EnableAcceptEncodingBrotli",
    "EnableAcceptEncodingGzip",
    "Enabled",
    "IgnoreCertificateExpiry",
    "IncludeBody",
    "IncludeCookies",
    "IsIPV6Enabled",
    "IsTruncated",
    "QueryString",
    "Required",
    "SmoothStreaming",
    "Staging",
];

const NUMBERS: [&str; 16] = [
    "ConnectionAttempts",
    "ConnectionTimeout",
    "DefaultTTL",
    "ErrorCachingMinTTL",
    "ErrorCode",
    "HTTPPort",
    "HTTPSPort",
    "InProgressInvalidationBatches",
    "MaxItems",
    "MaxTTL",
    "MinTTL",
    "OriginKeepaliveTimeout",
    "OriginReadTimeout",
    "Quantity",
    "ResponseCompletionTimeout",
    // An item of `StatusCodes`.
    "StatusCode",
];

/// What a list's items are called: by the list's own name, or its parent's if it is called `Items`.
const ITEMS: [(&str, &str); 26] = [
    ("ActiveTrustedKeyGroups", "KeyGroup"),
    ("ActiveTrustedSigners", "Signer"),
    ("AliasICPRecordals", "AliasICPRecordal"),
    ("Aliases", "CNAME"),
    ("AllowedMethods", "Method"),
    ("CacheBehaviors", "CacheBehavior"),
    ("CachedMethods", "Method"),
    ("Cookies", "Name"),
    ("CustomErrorResponses", "CustomErrorResponse"),
    ("CustomHeaders", "OriginCustomHeader"),
    ("FunctionAssociations", "FunctionAssociation"),
    ("GeoRestriction", "Location"),
    ("Headers", "Name"),
    ("KeyPairIds", "KeyPairId"),
    ("LambdaFunctionAssociations", "LambdaFunctionAssociation"),
    ("Members", "OriginGroupMember"),
    ("OriginGroups", "OriginGroup"),
    ("OriginSslProtocols", "SslProtocol"),
    ("Origins", "Origin"),
    ("ParameterDefinitions", "member"),
    ("QueryStringCacheKeys", "Name"),
    ("QueryStrings", "Name"),
    ("StatusCodes", "StatusCode"),
    ("TrustedKeyGroups", "KeyGroup"),
    ("TrustedSigners", "AwsAccountNumber"),
    ("WhitelistedNames", "Name"),
];

/// What the items of a document's lists are called.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, BTreeSet<String>>);

impl Names {
    fn learn(&mut self, list: &str, item: &str) {
        self.0.entry(list.to_owned()).or_default().insert(item.to_owned());
    }

    /// What was learned comes first: it is this document's own.
    fn item(&self, list: &str) -> Result<&str, String> {
        let known = ITEMS.iter().find(|(name, _)| *name == list);
        match self.0.get(list) {
            Some(names) if names.len() == 1 => Ok(names.first().map_or("", String::as_str)),
            Some(_) => Err(format!("the items of {list} have more than one name")),
            None => known
                .map(|(_, item)| *item)
                .ok_or_else(|| format!("what the items of {list} are called is not known")),
        }
    }
}

/// An element's content as JSON; `names` learns what its lists' items are called.
pub(crate) fn to_json(element: &Element, names: &mut Names) -> Result<Value, String> {
    read(element, "", names)
}

fn read(element: &Element, parent: &str, names: &mut Names) -> Result<Value, String> {
    let name = element.name.as_str();
    if is_list(name, parent) {
        return read_list(element, list_name(name, parent), names);
    }
    if element.children.is_empty() {
        return Ok(scalar(name, &element.text));
    }
    let first = &element.children[0].name;
    let distinct: BTreeSet<_> = element.children.iter().map(|child| &child.name).collect();
    if distinct.len() == element.children.len() {
        let mut object = Map::new();
        for child in &element.children {
            object.insert(child.name.clone(), read(child, name, names)?);
        }
        return Ok(Value::Object(object));
    }
    // Nobody told that it is a list, but it is one. A single item of such a list is read as a structure of one, and written
    // as it was.
    match distinct.len() {
        1 => read_list(element, list_name(name, parent), names),
        _ => Err(format!("{name} has more than one {first}, and others")),
    }
}

fn is_list(name: &str, parent: &str) -> bool {
    match name {
        "Items" => true,
        // This one has no `Items` around.
        "ParameterDefinitions" => parent == "TenantConfig",
        "AliasICPRecordals" => true,
        _ => false,
    }
}

fn list_name<'a>(name: &'a str, parent: &'a str) -> &'a str {
    if name == "Items" { parent } else { name }
}

fn read_list(element: &Element, list: &str, names: &mut Names) -> Result<Value, String> {
    if element.children.is_empty() && !element.text.trim().is_empty() {
        return Err(format!("the list {list} is a text"));
    }
    let mut items = Vec::new();
    for child in &element.children {
        if child.name != element.children[0].name {
            return Err(format!("the list {list} has items of more than one name"));
        }
        names.learn(list, &child.name);
        items.push(read(child, list, names)?);
    }
    Ok(Value::Array(items))
}

/// Text stays text unless the element is known to be none, and comes back as it was.
fn scalar(name: &str, text: &str) -> Value {
    if TRUTHS.contains(&name) && matches!(text, "true" | "false") {
        return Value::Bool(text == "true");
    }
    match text.parse::<i64>() {
        Ok(number) if NUMBERS.contains(&name) && number.to_string() == text => number.into(),
        _ => Value::String(text.to_owned()),
    }
}

/// A whole document with this root.
pub(crate) fn to_xml(root: &str, value: &Value, names: &Names) -> Result<String, String> {
    let mut xml =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">");
    write_content(&mut xml, root, "", value, names)?;
    xml.push_str(&format!("</{root}>"));
    Ok(xml)
}

fn write(
    xml: &mut String,
    name: &str,
    parent: &str,
    value: &Value,
    names: &Names,
) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || !name.chars().all(plain)
    {
        return Err(format!("{name:?} cannot be an element's name"));
    }
    xml.push_str(&format!("<{name}>"));
    write_content(xml, name, parent, value, names)?;
    xml.push_str(&format!("</{name}>"));
    Ok(())
}

fn write_content(
    xml: &mut String,
    name: &str,
    parent: &str,
    value: &Value,
    names: &Names,
) -> Result<(), String> {
    match value {
        Value::Null => return Err(format!("{name} is null")),
        Value::Bool(truth) => xml.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => xml.push_str(&number.to_string()),
        Value::String(text) => xml.push_str(&xml::escape(text)),
        Value::Object(fields) => {
            for (field, value) in fields {
                write(xml, field, name, value, names)?;
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => {
            let list = list_name(name, parent);
            let item = names.item(list)?;
            for value in items {
                write(xml, item, list, value, names)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CONFIG: &str = include_str!("../tests/distribution-config.xml");

    fn read_text(xml: &str) -> (Value, Names) {
        let mut names = Names::default();
        let value = to_json(&xml::parse(xml.as_bytes()).unwrap(), &mut names).unwrap();
        (value, names)
    }

    #[test]
    fn a_whole_configuration_reads_as_the_command_line_prints_it() {
        let expected: Value =
            serde_json::from_str(include_str!("../tests/distribution-config.json")).unwrap();
        assert_eq!(read_text(CONFIG).0, expected["DistributionConfig"]);
    }

    #[test]
    fn a_whole_configuration_comes_back_by_the_table_alone() {
        let (value, _) = read_text(CONFIG);
        let written = to_xml("DistributionConfig", &value, &Names::default()).unwrap();
        assert_eq!(read_text(&written).0, value);
        for kept in ["<StatusCode>503</StatusCode>", "<CNAME>example.com</CNAME>", NAMESPACE] {
            assert!(written.contains(kept), "{kept} in {written}");
        }
    }

    #[test]
    fn what_is_new_is_kept() {
        let xml = "<DistributionConfig><New><Depth>3</Depth><Enabled>true</Enabled></New>\
                   <Things><Quantity>2</Quantity><Items><Thing>1</Thing><Thing>2</Thing></Items></Things>\
                   <Bare><Part>a</Part><Part>b</Part></Bare><One><Part>a</Part></One></DistributionConfig>";
        let (value, names) = read_text(xml);
        assert_eq!(
            value,
            json!({
                "New": {"Depth": "3", "Enabled": true},
                "Things": {"Quantity": 2, "Items": ["1", "2"]},
                "Bare": ["a", "b"],
                "One": {"Part": "a"},
            })
        );
        let written = to_xml("DistributionConfig", &value, &names).unwrap();
        assert!(written.contains("<Items><Thing>1</Thing><Thing>2</Thing></Items>"), "{written}");
        assert_eq!(read_text(&written).0, value);
        let refused = to_xml("DistributionConfig", &value, &Names::default()).unwrap_err();
        assert!(refused.contains("Bare"), "{refused}");
    }

    #[test]
    fn texts_stay_texts() {
        let xml = "<DistributionConfig><Comment>123</Comment><CallerReference>true</CallerReference>\
                   <PriceClass></PriceClass><HTTPPort>080</HTTPPort><Enabled>yes</Enabled>\
                   <Origins><Quantity>1</Quantity><Items><Origin><Id>1</Id></Origin></Items></Origins>\
                   </DistributionConfig>";
        let (value, names) = read_text(xml);
        assert_eq!(
            value,
            json!({
                "Comment": "123", "CallerReference": "true", "PriceClass": "", "HTTPPort": "080",
                "Enabled": "yes", "Origins": {"Quantity": 1, "Items": [{"Id": "1"}]},
            })
        );
        assert_eq!(read_text(&to_xml("DistributionConfig", &value, &names).unwrap()).0, value);
    }

    #[test]
    fn lists_may_be_empty() {
        let (value, names) = read_text(
            "<D><Aliases><Quantity>0</Quantity></Aliases><CacheBehaviors><Quantity>0</Quantity><Items/></CacheBehaviors></D>",
        );
        assert_eq!(
            value,
            json!({"Aliases": {"Quantity": 0}, "CacheBehaviors": {"Quantity": 0, "Items": []}})
        );
        assert_eq!(read_text(&to_xml("D", &value, &names).unwrap()).0, value);
    }

    #[test]
    fn texts_are_escaped() {
        let value = json!({"Comment": " Tom & \"Jerry\" <'x'>\r\n ü "});
        let xml = to_xml("D", &value, &Names::default()).unwrap();
        assert!(xml.contains("Tom &amp; \"Jerry\" &lt;'x'&gt;&#13;\n"), "{xml}");
        assert_eq!(read_text(&xml).0, value);
    }

    #[test]
    fn names_are_names() {
        for name in ["", "a b", "<a>", "1a", "a/b"] {
            assert!(to_xml("D", &json!({ name: "" }), &Names::default()).is_err(), "{name}");
        }
        assert!(to_xml("D", &json!({"A": null}), &Names::default()).is_err());
    }
}
