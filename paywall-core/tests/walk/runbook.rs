//! `docs/runbook.md` has a place for whatever calls somebody.

use paywall_core::log::{Alarm, Mend};

const RUNBOOK: &str = include_str!("../../../docs/runbook.md");

/// The first line of each entry, without its mark.
fn entries(start: &'static str) -> Vec<&'static str> {
    RUNBOOK.lines().filter_map(|line| line.strip_prefix(start)?.split('`').next()).collect()
}

#[test]
fn it_has_each_alarm_and_each_mending_once_and_no_other() {
    assert_eq!(entries("### `"), Alarm::ALL.iter().map(|it| it.code()).collect::<Vec<_>>());
    assert_eq!(entries("| `"), Mend::ALL.iter().map(|it| it.code()).collect::<Vec<_>>());
}

/// Alarms of the templates are headings without code marks.
#[test]
fn it_has_each_alarm_of_the_templates() {
    let templates = [
        include_str!("../../../infra/region.yaml"),
        include_str!("../../../infra/watch.yaml"),
        include_str!("../../../infra/site.yaml"),
        include_str!("../../../infra/attach.yaml"),
    ];
    let lines: Vec<_> = templates.iter().flat_map(|template| template.lines()).collect();
    let is_alarm = |at: &[&'static str]| {
        let name = at[0].strip_prefix("  ")?.strip_suffix(':')?;
        (at[1].trim() == "Type: AWS::CloudWatch::Alarm").then_some(name)
    };
    let mut alarms: Vec<_> = lines.windows(2).filter_map(is_alarm).collect();
    let heading = |line: &'static str| line.strip_prefix("### ").filter(|it| !it.contains('`'));
    let mut told: Vec<_> = RUNBOOK.lines().filter_map(heading).collect();
    alarms.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, alarms);
}
