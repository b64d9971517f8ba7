//! What `infra/region.yaml` counts in the function's log is there: its filters, over lines that the real function
//! printed. A name that is changed on either side fails. That alarms and dashboard ask for these metrics and no others,
//! `tests/infra` shows.

use std::collections::BTreeMap;

use edge_local::facilitator::{Endpoint, Fault, Garble, Work};
use serde_json::Value;

use crate::shop::{REPORT, Shop};

const TEMPLATE: &str = include_str!("../../infra/region.yaml");

/// A filter of CloudWatch Logs, as far as the template has them.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
struct Filter {
    clauses: Vec<Clause>,
    /// Or one of them.
    needs_all: bool,
}

struct Clause {
    field: String,
    holds: Box<dyn Fn(&Value) -> bool>,
}

impl Clause {
    fn parse(text: &str) -> Clause {
        let inside = text.trim().trim_start_matches('(').trim_end_matches(')');
        let (field, test) = inside.strip_prefix("$.").unwrap().split_once(' ').expect(text);
        let number = |text: &str| text.parse::<i64>().expect(text);
        let holds: Box<dyn Fn(&Value) -> bool> = match test.split_once(' ').expect(test) {
            ("IS", "TRUE") => Box::new(|value| *value == Value::Bool(true)),
            ("=", "\"*\"") => Box::new(Value::is_string),
            ("=", word) => {
                let word = word.trim_matches('"').to_owned();
                Box::new(move |value| *value == *word)
            }
            (">=", least) => {
                let least = number(least);
                Box::new(move |value| value.as_i64().is_some_and(|it| it >= least))
            }
            ("<", end) => {
                let end = number(end);
                Box::new(move |value| value.as_i64().is_some_and(|it| it < end))
            }
            _ => panic!("this test does not know `{test}`: teach it"),
        };
        Clause { field: field.to_owned(), holds }
    }
}

impl Filter {
    fn parse(pattern: &str) -> Filter {
        let inside = pattern.strip_prefix("{ ").and_then(|rest| rest.strip_suffix(" }"));
        let inside = inside.expect(pattern);
        let (all, any) = (inside.contains("&&"), inside.contains("||"));
        assert!(!(all && any), "this test does not know what binds closer: {pattern}");
        let clauses = inside.split(if any { "||" } else { "&&" }).map(Clause::parse).collect();
        Filter { clauses, needs_all: !any }
    }

    fn counts(&self, line: &Value) -> bool {
        let holds = |clause: &Clause| (clause.holds)(&line[&clause.field]);
        if self.needs_all { self.clauses.iter().all(holds) } else { self.clauses.iter().any(holds) }
    }

    /// The outcomes of the lines that it counts.
    fn counted<'a>(&self, lines: &'a [Value]) -> Vec<&'a str> {
        let counted = lines.iter().filter(|line| self.counts(line));
        counted.map(|line| line["outcome"].as_str().expect("an outcome")).collect()
    }
}

/// The template's filters by the ends of their metrics' names, and what each adds.
fn metrics() -> BTreeMap<&'static str, (Filter, &'static str)> {
    let after = |name: &'static str| move |line: &'static str| Some(line.split_once(name)?.1);
    let patterns = TEMPLATE.lines().filter_map(after("FilterPattern: '"));
    let made = TEMPLATE.lines().filter_map(after("MetricName: !Sub '${FunctionLogGroupName}/"));
    let one = |(pattern, made): (&'static str, &'static str)| {
        let (name, rest) = made.split_once('\'').expect(made);
        let value = rest.split_once("MetricValue: ").expect(made).1.split([',', ' ']).next();
        let filter = Filter::parse(pattern.strip_suffix('\'').expect(pattern));
        (name, (filter, value.expect(made).trim_matches('\'')))
    };
    let all: Vec<_> = patterns.zip(made).map(one).collect();
    assert_eq!(TEMPLATE.matches("AWS::Logs::MetricFilter").count(), all.len());
    assert!(all.len() <= 10, "each is paid for in each Region");
    all.into_iter().collect()
}

#[tokio::test]
async fn each_metric_counts_what_it_is_for_and_nothing_else() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let sold = shop.sign(REPORT).await;
    shop.pay(REPORT, &sold).await.is_sold(REPORT);
    let broke = Fault::Garble(Work::Skipped, Garble::Code("insufficient_funds"));
    shop.facilitator.fail_always(Endpoint::Settle, broke);
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 402, "insufficient_funds");
    // Nobody knows this code: the payment stays unknown, and the seller should look.
    let unknown = Fault::Garble(Work::Skipped, Garble::Code("no_such_code"));
    shop.facilitator.fail_always(Endpoint::Settle, unknown);
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "settlement_unknown");

    let json = |line: &String| serde_json::from_str(&line[line.find('{')?..]).ok();
    let lines: Vec<Value> = shop.edge.log_lines().iter().filter_map(json).collect();
    let metrics = metrics();
    let counted: BTreeMap<_, _> =
        metrics.iter().map(|(name, (filter, _))| (*name, filter.counted(&lines))).collect();
    let expected = BTreeMap::from([
        ("alarm", vec!["settlement_unknown"]),
        ("operator", vec!["settlement_unknown"]),
        ("challenges", vec!["payment_required"; 3]),
        ("sales", vec!["settled"]),
        ("saleMicros", vec!["settled"]),
        ("refusals", vec!["insufficient_funds"]),
        ("failures", vec!["settlement_unknown"]),
    ]);
    assert_eq!(counted, expected, "{lines:#?}");
    for (name, (filter, value)) in &metrics {
        match value.strip_prefix("$.") {
            None => assert_eq!(*value, "1", "{name}"),
            Some(field) => {
                let values =
                    lines.iter().filter(|line| filter.counts(line)).map(|line| &line[field]);
                assert!(values.clone().all(|value| value.as_u64() > Some(0)), "{name}: {values:?}");
            }
        }
    }
}
