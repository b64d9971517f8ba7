//! `switch`: closed, free, a dry run, or a facilitator off, without a deployment: by a rule of the web ACL.
//!
//! One switch is on at a time; the next takes its place. A run that was cut off anywhere is finished by the same command: the
//! web ACL is changed by one call that fails if anybody changed it since it was read.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use next_step::Outcome;
use paywall_core::clock::Micros;
use paywall_core::handover::Keys;
use paywall_core::waf::{PROBE, Position, Switch, VALUE_BYTES, vouched_value};
use serde_json::Value;

use crate::control_plane::{ControlPlane, Stack, WebAcl};
use crate::error::while_asking;
use crate::stacks::{any_name, live, output, tag};
use crate::switch_rule::{self, NoPlace};
use crate::{Error, account, owned, secrets, stacks, wait};

/// What gives content away ends so soon at the latest.
const MOST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How often somebody else may change the web ACL between two calls.
const TRIES: usize = 5;

/// So many answers in a row are to agree: while a change is on its way, old and new stand side by side.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-testing-activities.html>
const AGREEING: usize = 10;

/// A second between two of them, for ten minutes: WAF says a few seconds to a number of minutes.
const EVERY: Duration = Duration::from_secs(1);
const ASKED: usize = 600;

/// How often it is looked after while a stack is written.
const LOOKED_AFTER: Duration = Duration::from_secs(5);

/// Closes the shop, gives all away for a while, or turns a facilitator off, within minutes and without a deployment; or says
/// what is on. One switch is on at a time.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    #[command(subcommand)]
    to: To,
    /// The stack.
    #[arg(long, global = true, value_name = "NAME", default_value = "x402-paywall", value_parser = any_name)]
    stack: String,
    /// The distribution that the function was attached to.
    #[arg(long, global = true, value_name = "ID")]
    distribution: Option<String>,
    /// The file with the site's secrets, where they are in no SSM parameter of the stack's.
    #[arg(long, global = true, value_name = "FILE")]
    secrets: Option<PathBuf>,
    /// What to ask whether the switch is there: any URL that the function answers [default: the distribution's].
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// Do not ask the distribution until it is so.
    #[arg(long, global = true)]
    no_wait: bool,
    /// Do not ask.
    #[arg(long, global = true)]
    yes: bool,
}

#[derive(Debug, clap::Subcommand)]
enum To {
    /// Says which switch is on.
    Status,
    /// Takes no payment. Who has paid is served, and what is free.
    Closed {
        /// When it opens by itself: a time, 2026-12-24T00:00:00Z, or for how long, 90m, 7d [default: never].
        #[arg(long, value_parser = end)]
        until: Option<Timestamp>,
    },
    /// Serves everything to everybody, and charges nothing.
    Free {
        /// When it ends, 30 days from now at most.
        #[arg(long, value_parser = end)]
        until: Timestamp,
    },
    /// The same, and each answer says what would have been charged.
    DryRun {
        /// When it ends, 30 days from now at most.
        #[arg(long, value_parser = end)]
        until: Timestamp,
    },
    /// Sends no new payment to facilitators on these hosts.
    FacilitatorOff {
        /// The host of its URL in content.toml, with its port if that has one.
        #[arg(required = true, value_parser = host)]
        hosts: Vec<String>,
        /// When it is on again by itself [default: never].
        #[arg(long, value_parser = end)]
        until: Option<Timestamp>,
    },
    /// Turns whatever is on off.
    Off,
    /// Prints what the web ACL of a module or a construct is to vouch with, as `vouched_value`: a secret.
    VouchedValue {
        /// `vouched_epoch` of content.toml.
        #[arg(long, default_value_t = 0)]
        epoch: u32,
    },
}

/// A time, or how long from now.
fn end(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let span = || {
        let span: Span = text.parse().ok()?;
        now.checked_add(span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?).ok()
    };
    let time = text.parse().ok().or_else(span);
    match time {
        Some(time) if time > now => Ok(time),
        Some(_) => Err("that is over".to_owned()),
        None => Err("write a time, 2026-12-24T00:00:00Z, or for how long, 90m or 7d".to_owned()),
    }
}

fn host(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    match !text.is_empty() && text.chars().all(fits) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("write the host alone, facilitator.example".to_owned()),
    }
}

impl To {
    /// What is to be on; `None`: nothing.
    fn switch(&self) -> Result<Option<Switch>, Error> {
        let (position, until) = match self {
            To::Status | To::Off | To::VouchedValue { .. } => return Ok(None),
            To::Closed { until } => (Position::Closed, *until),
            To::Free { until } => (Position::Free, Some(*until)),
            To::DryRun { until } => (Position::DryRun, Some(*until)),
            To::FacilitatorOff { hosts, until } => {
                (Position::FacilitatorsOff(hosts.join("+")), *until)
            }
        };
        let gives = matches!(position, Position::Free | Position::DryRun);
        if gives && until.is_some_and(|until| until > Timestamp::now() + MOST) {
            return Err(Error::SwitchTooLong {});
        }
        let until = until.map_or(0, |until| until.as_second().unsigned_abs());
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)
            .map_err(|why| Error::SwitchWithoutRandomness { why: why.to_string() })?;
        Ok(Some(Switch { position, until, nonce }))
    }
}

/// Switches, or says what is on.
pub async fn run(plane: &impl ControlPlane, arguments: &Arguments) -> Outcome<ExitCode> {
    let name = &arguments.stack;
    if let (To::VouchedValue { epoch }, Some(file)) = (&arguments.to, &arguments.secrets) {
        let (keys, site) = keys_of(file)?;
        println!("{}", vouched_value(&keys, &site, *epoch));
        return Ok(ExitCode::SUCCESS);
    }
    account::ask(plane).await?;
    let stack = match owned::read(plane, name).await? {
        Some(owned) => Some(owned.site),
        None => stacks::read(plane, name).await?,
    };
    let stack =
        live(stack.as_ref()).ok_or_else(|| Error::NothingToSwitch { stack: name.clone() })?;
    let id = arguments.distribution.as_deref().unwrap_or(output(Some(stack), "DistributionId"));
    if id.is_empty() {
        return Err(Error::SwitchOfWhat {}.into());
    }
    let (keys, site) = keys(plane, stack, arguments.secrets.as_deref()).await?;
    if let To::VouchedValue { epoch } = arguments.to {
        println!("{}", vouched_value(&keys, &site, epoch));
        return Ok(ExitCode::SUCCESS);
    }
    let arn = web_acl_of(plane, id).await?;
    let now = read(plane, &arn).await?;
    let before = switch_rule::find(&now.acl, &site).cloned();
    println!("{site}: {}", said(before.as_ref(), &keys, &site));
    if matches!(arguments.to, To::Status) {
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = arguments.to.switch()?;
    println!("{site}: to be {}", wanted.as_ref().map_or_else(|| "off".to_owned(), told));
    if !arguments.yes {
        match crate::talk::ask("Do this? [yes/no]")?.as_deref() {
            Some("yes") => {}
            Some(_) => {
                println!("nothing was changed");
                return Ok(ExitCode::FAILURE);
            }
            None => return Err(Error::Nobody { question: "Do this?".to_owned() }.into()),
        }
    }
    let value = wanted.as_ref().map(|switch| switch.value(&keys, &site));
    if value.as_ref().is_some_and(|value| value.len() > VALUE_BYTES) {
        return Err(Error::SwitchTooWide {}.into());
    }
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => default_url(plane, id).await?,
    };
    // What is to be gone is asked for as well, where it is seen to be there now.
    let gone = before.as_ref().and_then(switch_rule::value_of).and_then(Switch::unproven);
    let gone = gone.filter(|_| wanted.is_none() && !arguments.no_wait);
    let gone = match gone {
        Some(gone) if is_there(plane, &url, &gone).await => Some(gone),
        _ => None,
    };
    if wanted.is_none() && stack.status.ends_with("_IN_PROGRESS") {
        return Err(
            Error::SwitchUnderWay { stack: name.clone(), status: stack.status.clone() }.into()
        );
    }
    write(plane, &arn, &site, Change::To(value.as_deref())).await?;
    println!(
        "the web ACL says so; the edge takes a few seconds to some minutes, old and new side by side"
    );
    if arguments.no_wait {
        return Ok(ExitCode::SUCCESS);
    }
    let asked =
        wanted.as_ref().map(|switch| (switch, true)).or(gone.as_ref().map(|it| (it, false)));
    match asked {
        Some((switch, there)) => {
            agree(plane, &url, switch, there).await?;
            println!(
                "{AGREEING} answers in a row agree, here; elsewhere it may take some minutes more"
            );
        }
        None if before.is_some() => {
            println!("{url} did not say before that it was on, so it cannot say that it is off");
        }
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The web ACL of a distribution.
async fn web_acl_of(plane: &impl ControlPlane, id: &str) -> Result<String, Error> {
    let live = plane.configuration(id).await;
    let live = live.map_err(while_asking(format!("reading distribution {id}")))?;
    let config = live.map(|live| live.config).unwrap_or_default();
    match config["WebACLId"].as_str().filter(|arn| arn.starts_with("arn:")) {
        Some(arn) => Ok(arn.to_owned()),
        None => Err(Error::NoWebAcl { id: id.to_owned() }),
    }
}

async fn read(plane: &impl ControlPlane, arn: &str) -> Result<WebAcl, Error> {
    let now = plane.web_acl(arn).await.map_err(while_asking("reading the web ACL"))?;
    now.ok_or_else(|| Error::WebAclGone { arn: arn.to_owned() })
}

/// How a web ACL's switch is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change<'a> {
    /// This value, or none.
    To(Option<&'a str>),
    /// This value, unless there is one: somebody's who was faster.
    Back(&'a str),
    /// This value in place of that one, if it still is there.
    Anew { from: &'a str, to: &'a str },
}

impl<'a> Change<'a> {
    /// What is to be there in place of what is; `None` if that stays.
    fn after(self, there: Option<&str>) -> Option<Option<&'a str>> {
        match self {
            Change::To(value) => Some(value),
            Change::Back(value) => there.is_none().then_some(Some(value)),
            Change::Anew { from, to } => (there == Some(from)).then_some(Some(to)),
        }
    }
}

/// One call changes it, or none: if somebody else was first, from the beginning.
async fn write(
    plane: &impl ControlPlane,
    arn: &str,
    site: &str,
    change: Change<'_>,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        let WebAcl { mut acl, lock } = read(plane, arn).await?;
        let before = acl.clone();
        let there = switch_rule::find(&acl, site).and_then(switch_rule::value_of);
        let Some(value) = change.after(there) else { return Ok(()) };
        switch_rule::put(&mut acl, site, value).map_err(|why| match why {
            NoPlace::OtherSite(other) => Error::OtherSwitch { site: other },
            NoPlace::LetThrough(rule) => Error::LetThrough { rule },
        })?;
        if acl == before {
            return Ok(());
        }
        match plane.update_web_acl(arn, &lock, &acl).await {
            Ok(()) => return Ok(()),
            Err(failure) if failure.says("WAFOptimisticLockException") => {}
            Err(failure) => return Err(while_asking("changing the web ACL")(failure)),
        }
    }
    Err(Error::WebAclBusy {})
}

/// The value of the switch that is on in a stack's own web ACL.
pub(crate) async fn standing(
    plane: &impl ControlPlane,
    stack: Option<&Stack>,
    site: &str,
) -> Result<Option<String>, Error> {
    let arn = output(stack, "WebAclArn");
    if arn.is_empty() {
        return Ok(None);
    }
    let now = plane.web_acl(arn).await.map_err(while_asking("reading the web ACL"))?;
    let rule = now.as_ref().and_then(|now| switch_rule::find(&now.acl, site));
    Ok(rule.and_then(switch_rule::value_of).map(str::to_owned))
}

/// What is on by a web ACL, as far as its value says: whose it is only the site's keys tell.
pub(crate) async fn on(plane: &impl ControlPlane, arn: &str) -> Result<Option<String>, Error> {
    if !arn.starts_with("arn:") {
        return Ok(None);
    }
    // What is missing is a finding of its own.
    let now = plane.web_acl(arn).await.map_err(while_asking("reading the web ACL"))?;
    let rules = now.as_ref().and_then(|now| now.acl["Rules"].as_array()).into_iter().flatten();
    let values =
        rules.filter(|rule| switch_rule::is_switch(rule)).filter_map(switch_rule::value_of);
    let on = values.filter_map(Switch::unproven).next();
    Ok(on.map(|switch| match switch.is_on(now_micros()) {
        true => {
            format!("{}, if its code is the site's: `paywall switch status` looks", told(&switch))
        }
        false => format!("{}, which is over", told(&switch)),
    }))
}

/// Does what writes a stack, whose web ACL has a switch: CloudFormation knows of none, and writes a web ACL whose template or
/// parameters changed whole, early, while the distribution takes minutes. So it is looked after all the while, and put back
/// whatever comes of the work; another value that somebody sets meanwhile stays.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-webacl.html>
pub(crate) async fn under<T>(
    plane: &impl ControlPlane,
    before: Option<&Stack>,
    site: &str,
    work: impl Future<Output = Outcome<T>>,
) -> Outcome<T> {
    let Some(value) = standing(plane, before, site).await? else { return work.await };
    let arn = output(before, "WebAclArn");
    let back = || write(plane, arn, site, Change::Back(&value));
    let mut work = pin!(work);
    let done = loop {
        match tokio::time::timeout(wait::usual(LOOKED_AFTER), work.as_mut()).await {
            Ok(done) => break done,
            // It is tried again, and a last time below, where it counts.
            Err(_) => drop(back().await),
        }
    };
    let kept = back().await;
    let done = done?;
    kept?;
    Ok(done)
}

/// Signs the switch that is on with the keys of a package that is brought back, which may lack the newest. The function that is
/// live has them, too, unless secrets were rotated twice since.
pub(crate) async fn sign_anew(
    plane: &impl ControlPlane,
    stack: &Stack,
    secrets: &str,
) -> Outcome<()> {
    let named = tag(Some(stack), "x402-secrets");
    if named == secrets || !named.starts_with('/') || !secrets.starts_with('/') {
        return Ok(());
    }
    let (keys, site) = keys_in(plane, &stack.name, named).await?;
    let Some(from) = standing(plane, Some(stack), &site).await? else { return Ok(()) };
    let Some(switch) = Switch::read(&from, &keys, &site) else { return Ok(()) };
    let (earlier, _) = keys_in(plane, &stack.name, secrets).await?;
    if Switch::read(&from, &earlier, &site).is_some() {
        return Ok(());
    }
    let to = switch.value(&earlier, &site);
    if Switch::read(&to, &keys, &site).is_none() {
        return Err(Error::SwitchOfOtherKeys { stack: stack.name.clone() }.into());
    }
    println!("the switch is signed anew, with the keys of that package: {}", told(&switch));
    Ok(write(plane, output(Some(stack), "WebAclArn"), &site, Change::Anew { from: &from, to: &to })
        .await?)
}

/// Fails if a switch is on that would go with the web ACL.
pub(crate) async fn stays(
    plane: &impl ControlPlane,
    before: Option<&Stack>,
    site: &str,
    web_acl: Option<&str>,
) -> Result<(), Error> {
    match web_acl == Some("off") && standing(plane, before, site).await?.is_some() {
        true => Err(Error::SwitchGoesToo {}),
        false => Ok(()),
    }
}

fn now_micros() -> Micros {
    Micros::from_secs(Timestamp::now().as_second().unsigned_abs())
}

/// The keys that the live function has, and the site's id.
async fn keys(
    plane: &impl ControlPlane,
    stack: &Stack,
    file: Option<&Path>,
) -> Result<(Keys, String), Error> {
    if let Some(file) = file {
        return keys_of(file);
    }
    keys_in(plane, &stack.name, tag(Some(stack), "x402-secrets")).await
}

/// Those of a parameter, as a stack's tag names it.
async fn keys_in(
    plane: &impl ControlPlane,
    stack: &str,
    named: &str,
) -> Result<(Keys, String), Error> {
    let lost = || Error::SwitchSecrets { of: stack.to_owned() };
    if !named.starts_with('/') {
        return Err(lost());
    }
    let read = plane.parameter(named).await;
    let read = read.map_err(while_asking(format!("reading the secrets in {named}")))?;
    secrets::keys(&read.ok_or_else(lost)?.value, named)
}

fn keys_of(file: &Path) -> Result<(Keys, String), Error> {
    let (path, text) = (file.display().to_string(), std::fs::read_to_string(file));
    match text {
        Ok(text) => secrets::keys(&text, &path),
        Err(why) => Err(Error::SecretsFile { path, why: why.to_string() }),
    }
}

/// What is on, by the site's rule.
pub(crate) fn said(rule: Option<&Value>, keys: &Keys, site: &str) -> String {
    let Some(rule) = rule else { return "no switch is on".to_owned() };
    let value = switch_rule::value_of(rule).unwrap_or_default();
    match Switch::read(value, keys, site) {
        Some(switch) if switch.is_on(now_micros()) => told(&switch),
        Some(switch) => format!("{}, which is over: `paywall switch off` takes the rule away", told(&switch)),
        None => "a rule is there whose value is not of this site's keys, as after they were rotated: it says nothing; switch again"
            .to_owned(),
    }
}

/// A switch in words.
pub(crate) fn told(switch: &Switch) -> String {
    let what = match &switch.position {
        Position::Closed => "closed".to_owned(),
        Position::Free => "free".to_owned(),
        Position::DryRun => "dry-run".to_owned(),
        Position::FacilitatorsOff(hosts) => format!("without {}", hosts.replace('+', ", ")),
    };
    let until =
        i64::try_from(switch.until).ok().and_then(|until| Timestamp::from_second(until).ok());
    match until.filter(|_| switch.until > 0) {
        Some(until) => format!("{what} until {until}"),
        None => format!("{what}, until it is switched off"),
    }
}

async fn default_url(plane: &impl ControlPlane, id: &str) -> Result<String, Error> {
    let found = plane.distribution(id).await;
    let found = found.map_err(while_asking(format!("asking for distribution {id}")))?;
    let found = found.ok_or_else(|| Error::NoWebAcl { id: id.to_owned() })?;
    Ok(format!("https://{}/", found.domain))
}

/// What an answer says of a switch.
enum Says {
    There,
    Gone,
    /// Nothing: the edge, WAF or the origin answered in the function's place.
    Nothing(String),
}

async fn says(plane: &impl ControlPlane, url: &str, switch: &Switch) -> Says {
    let nonce: String = switch.nonce.iter().map(|byte| format!("{byte:02x}")).collect();
    match plane.status_of(url, PROBE, &nonce).await {
        Ok(204) => Says::There,
        Ok(status @ (403 | 429 | 500..)) => Says::Nothing(status.to_string()),
        Ok(_) => Says::Gone,
        Err(failure) => Says::Nothing(failure.to_string()),
    }
}

/// Whether a switch is seen to be on: then the URL leads to the function, and can say that it is off.
async fn is_there(plane: &impl ControlPlane, url: &str, switch: &Switch) -> bool {
    for _ in 0..TRIES {
        if matches!(says(plane, url, switch).await, Says::There) {
            return true;
        }
    }
    false
}

/// Asks until answers in a row agree.
async fn agree(
    plane: &impl ControlPlane,
    url: &str,
    switch: &Switch,
    there: bool,
) -> Result<(), Error> {
    let spinner = wait::Spinner::new("the edge");
    let (mut agreeing, mut last) = (0, String::new());
    for _ in 0..ASKED {
        let agrees = match says(plane, url, switch).await {
            Says::There => there,
            Says::Gone => !there,
            Says::Nothing(why) => {
                last = why;
                false
            }
        };
        agreeing = if agrees { agreeing + 1 } else { 0 };
        if agreeing == AGREEING {
            return Ok(());
        }
        spinner.say(&format!("{agreeing} of {AGREEING} answers in a row agree"));
        wait::moment(EVERY).await;
    }
    Err(Error::NotAgreed { url: url.to_owned(), last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        let now = Timestamp::now();
        let after = |text: &str| end(text).map(|it| (it.as_second() - now.as_second() + 30) / 60);
        assert_eq!(after("90m"), Ok(90));
        assert_eq!(after("7d"), Ok(7 * 24 * 60));
        assert_eq!(after("2h"), Ok(120));
        assert!(end("2999-12-24T00:00:00Z").is_ok());
        for wrong in ["", "0s", "-1h", "1", "soon", "2020-12-24T00:00:00Z", "2026-12-24", "1mo"] {
            assert!(end(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts() {
        assert_eq!(host("API.cdp.coinbase.com:443").as_deref(), Ok("api.cdp.coinbase.com:443"));
        for wrong in ["", "https://a.example", "a/b", "a+b", "a b", "é"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    /// A deployment puts back what CloudFormation took, and no earlier value over a newer one.
    #[test]
    fn nobody_is_overtaken() {
        let (back, anew) = (Change::Back("old"), Change::Anew { from: "old", to: "anew" });
        for (there, is_back, is_anew) in [
            (None, Some(Some("old")), None),
            (Some("old"), None, Some(Some("anew"))),
            (Some("newer"), None, None),
        ] {
            assert_eq!((back.after(there), anew.after(there)), (is_back, is_anew), "{there:?}");
            assert_eq!(Change::To(None).after(there), Some(None));
        }
    }

    #[test]
    fn what_gives_away_ends_in_a_month() {
        let at = |hours| Timestamp::now() + SignedDuration::from_hours(hours);
        for (hours, fits) in [(1, true), (719, true), (721, false)] {
            assert_eq!(To::Free { until: at(hours) }.switch().is_ok(), fits);
            assert_eq!(To::DryRun { until: at(hours) }.switch().is_ok(), fits);
            assert!(To::Closed { until: Some(at(hours)) }.switch().is_ok());
        }
        let [one, other] =
            [To::Off, To::Off].map(|_| To::Closed { until: None }.switch().unwrap().unwrap());
        assert_ne!(one.nonce, other.nonce, "new each time");
        assert_eq!(one.until, 0);
    }
}
