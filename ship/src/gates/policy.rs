//! What the policy of a sealed site's bucket lets its readers do.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use cloudfront::path_pattern::PathPattern;
use price_table::Seal;
use serde_json::Value;

/// A bucket's policy, as the objects below a seal see it.
pub(super) struct Policy<'a> {
    statements: Vec<&'a Value>,
    /// What their keys begin with, with the bucket: `BUCKET/PREFIX`.
    place: String,
    /// `distribution/ID`, which reads.
    reader: String,
}

impl<'a> Policy<'a> {
    pub(super) fn of(document: &'a Value, bucket: &str, prefix: &str, distribution: &str) -> Self {
        Self {
            statements: list(&document["Statement"]),
            place: format!("{bucket}/{prefix}"),
            reader: format!("distribution/{distribution}"),
        }
    }

    /// Whether CloudFront, or anybody, may list. Conditions are not weighed.
    pub(super) fn lists(&self) -> bool {
        self.statements.iter().any(|statement| {
            let does = |action| acts(statement, action);
            statement["Effect"] == "Allow"
                && is_for_viewers(statement)
                && (does("s3:listbucket") || does("s3:listbucketversions"))
        })
    }

    /// Whether the distribution may get the objects. Only conditions on the distribution are weighed.
    pub(super) fn lets_read(&self) -> bool {
        self.statements.iter().any(|statement| {
            let fails = |it: Condition<'_>| {
                it.is_on("aws:sourcearn") && self.names_reader(&it) == it.is_negated()
            };
            statement["Effect"] == "Allow"
                && is_for_viewers(statement)
                && self.is_about_objects(statement)
                && !conditions(statement).any(fails)
        })
    }

    /// The first statement that may refuse the distribution an object, in words.
    pub(super) fn may_refuse(&self) -> Option<String> {
        let refuses = |(_, statement): &(usize, &&Value)| {
            statement["Effect"] == "Deny"
                && is_for_viewers(statement)
                && self.is_about_objects(statement)
                && !conditions(statement).any(|it| self.never_holds(&it))
        };
        let (nth, statement) = self.statements.iter().enumerate().find(refuses)?;
        Some(match statement["Sid"].as_str() {
            Some(sid) => format!("statement {sid}"),
            None => format!("statement {}", nth + 1),
        })
    }

    /// Whether a statement is about getting what lies below a seal.
    fn is_about_objects(&self, statement: &Value) -> bool {
        let resources = list(&statement["Resource"]);
        let covers = |resource: &&Value| resource.as_str().is_none_or(|it| self.may_cover(it));
        // `NotResource` is taken to leave the objects in.
        acts(statement, "s3:getobject") && (resources.is_empty() || resources.iter().any(covers))
    }

    /// Whether a resource may be an object below some seal: of which seal, the policy is not asked.
    fn may_cover(&self, resource: &str) -> bool {
        let open = resource.find(['*', '?', '$']);
        let literal = &resource[..open.unwrap_or(resource.len())];
        let Some((_, named)) = literal.split_once(":::") else { return open.is_some() };
        let Some(key) = named.strip_prefix(&self.place) else {
            return open.is_some() && self.place.starts_with(named);
        };
        match key.split_once('/') {
            Some((folder, _)) => Seal::parse(folder).is_some(),
            // It ends within the seal, or is an object beside it.
            None => open.is_some() && may_begin_a_seal(key),
        }
    }

    /// Whether a condition never holds when the distribution reads by TLS, as CloudFront does with an access control.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
    fn never_holds(&self, condition: &Condition<'_>) -> bool {
        let says = |value: &str| condition.values.iter().all(|it| it == value);
        let is_bool = condition.operator.starts_with("bool");
        (is_bool && condition.is_on("aws:securetransport") && says("false"))
            || (is_bool && condition.is_on("aws:principalisawsservice") && says("false"))
            || (condition.operator.starts_with("numericlessthan")
                && condition.is_on("s3:tlsversion")
                && (says("1.2") || says("1.1")))
            || (condition.is_negated()
                && condition.is_on("aws:sourcearn")
                && self.names_reader(condition))
    }

    fn names_reader(&self, condition: &Condition<'_>) -> bool {
        // arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE
        let mut tails = condition.values.iter().filter_map(|arn| arn.rsplit(':').next());
        tails.any(|tail| matches(tail, &self.reader))
    }
}

/// One condition of a statement: all of them must hold.
struct Condition<'a> {
    /// In lower case.
    operator: String,
    key: &'a str,
    values: Vec<String>,
}

impl Condition<'_> {
    fn is_on(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }

    fn is_negated(&self) -> bool {
        self.operator.contains("not")
    }
}

fn conditions(statement: &Value) -> impl Iterator<Item = Condition<'_>> {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(|(key, values)| {
            // Numbers and booleans may be written as text.
            let text =
                |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let values = list(values).into_iter().map(text).collect();
            Condition { operator: operator.to_ascii_lowercase(), key, values }
        })
    })
}

/// Whether a statement speaks of CloudFront, or of anybody.
fn is_for_viewers(statement: &Value) -> bool {
    let excepted = &statement["NotPrincipal"];
    if !excepted.is_null() {
        return !excepted.to_string().to_ascii_lowercase().contains("cloudfront");
    }
    let who = statement["Principal"].to_string().to_ascii_lowercase();
    who.contains("cloudfront") || who.contains("\"*\"") || who.contains("canonicaluser")
}

/// Whether a statement is about an action, in lower case.
fn acts(statement: &Value, action: &str) -> bool {
    let named =
        |pattern: &&Value| matches(&pattern.as_str().unwrap_or("*").to_ascii_lowercase(), action);
    let excepted = list(&statement["NotAction"]);
    list(&statement["Action"]).iter().any(named)
        || (!excepted.is_empty() && !excepted.iter().any(named))
}

fn may_begin_a_seal(text: &str) -> bool {
    let rest = Seal::LENGTH.checked_sub(text.len());
    rest.is_some_and(|rest| Seal::parse(&format!("{text}{}", "a".repeat(rest))).is_some())
}

/// A value of a policy that may be a list or stand alone.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => vec![],
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// `*` stands for any characters, `?` for one.
fn matches(pattern: &str, text: &str) -> bool {
    PathPattern::new(pattern).matches(&format!("/{text}"))
}
