//! What `infra/region.yaml` counts in the function's log is there: its filters, over lines that the real function
//! printed. A name that is changed on either side fails.

use edge_local::facilitator::{Endpoint, Fault, Garble, Work};
use serde_json::Value;

use crate::shop::{REPORT, Shop};

const TEMPLATE: &str = include_str!("../../infra/region.yaml");

/// A filter of CloudWatch Logs, in the two forms that the template has.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
struct Filter {
    field: String,
    counts: fn(&Value) -> bool,
}

impl Filter {
    fn parse(pattern: &str) -> Filter {
        let inside = pattern.strip_prefix("{ $.").and_then(|rest| rest.strip_suffix(" }"));
        let (field, test) = inside.and_then(|it| it.split_once(' ')).expect(pattern);
        let counts: fn(&Value) -> bool = match test {
            "IS TRUE" => |value| *value == Value::Bool(true),
            "= \"*\"" => Value::is_string,
            other => panic!("this test does not know `{other}`: teach it"),
        };
        Filter { field: field.to_owned(), counts }
    }

    /// The outcomes of the lines that it counts.
    fn counted(&self, lines: &[Value]) -> Vec<String> {
        let counted = lines.iter().filter(|line| (self.counts)(&line[&self.field]));
        counted.map(|line| line["outcome"].as_str().expect("an outcome").to_owned()).collect()
    }
}

#[tokio::test]
async fn each_filter_counts_what_it_is_for_and_nothing_else() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let sold = shop.sign(REPORT).await;
    shop.pay(REPORT, &sold).await.is_sold(REPORT);
    // Nobody knows this code: the payment stays unknown, and the seller should look.
    let unknown = Fault::Garble(Work::Skipped, Garble::Code("no_such_code"));
    shop.facilitator.fail_always(Endpoint::Settle, unknown);
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "settlement_unknown");

    let json = |line: &String| serde_json::from_str(&line[line.find('{')?..]).ok();
    let lines: Vec<Value> = shop.edge.log_lines().iter().filter_map(json).collect();
    let filters: Vec<_> = TEMPLATE
        .lines()
        .filter_map(|line| line.trim().strip_prefix("FilterPattern: '")?.strip_suffix('\''))
        .map(Filter::parse)
        .collect();
    let fields: Vec<_> = filters.iter().map(|filter| filter.field.as_str()).collect();
    assert_eq!(fields, ["alarm", "operator"]);
    for filter in &filters {
        assert_eq!(filter.counted(&lines), ["settlement_unknown"], "{}: {lines:#?}", filter.field);
        let metric = format!("MetricName: !Sub '${{FunctionLogGroupName}}/{}'", filter.field);
        let alarm = format!("MetricName: !Sub ${{FunctionLogGroupName}}/{}", filter.field);
        assert!(TEMPLATE.contains(&metric) && TEMPLATE.contains(&alarm), "{metric}");
    }
}
