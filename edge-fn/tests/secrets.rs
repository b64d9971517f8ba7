//! The document of `SECRETS_FILE`: what it says, how it fits the table, and where it comes from.

mod loopback;

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4;
use content_config::compile;
use edge_fn::io::aws::{Identity, ssm};
use edge_fn::io::http::{Http, Method};
use edge_fn::io::secrets::Secrets;
use edge_fn::io::settings::{self, BadSettings};
use paywall_core::clock::Micros;
use price_table::{Auth, Rpc, Sale, Table};
use serde_json::{Value, json};
use site_secrets::{Demands, Document, Inline, Parameter, Proof};

use loopback::{read, respond, server};

const NOW: Micros = Micros::from_secs(1_800_000_000);
const CDP: &str = "https://api.cdp.coinbase.com/platform/v2/x402";

fn key(digit: &str) -> String {
    digit.repeat(64)
}

fn whole() -> Value {
    json!({
        "site": "sample",
        "handover": [key("a"), key("b")],
        "pass": [key("C")],
        "facilitators": {
            "https://f.example": {"bearer": "tok3n"},
            CDP: {"cdp": {"keyId": "id", "secret": "s3cret"}},
        },
        "rpc": {"eip155:8453": "https://node.example/k3y"},
    })
}

fn inline(json: &Value) -> Inline {
    match Document::parse(&json.to_string()) {
        Ok(Document::Inline(secrets)) => secrets,
        Ok(Document::Ssm(parameter)) => panic!("{parameter:?}"),
        Err(problem) => panic!("{problem}"),
    }
}

fn problem(json: &str) -> String {
    match Document::parse(json) {
        Ok(_) => panic!("{json} was taken"),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn the_whole_document_is_read() {
    let secrets = inline(&whole());
    assert_eq!(secrets.handover, [key("a"), key("b")]);
    assert_eq!(secrets.pass, [key("C")]);
    assert!(matches!(&secrets.facilitators["https://f.example"], Proof::Bearer(t) if t == "tok3n"));
    assert!(matches!(&secrets.facilitators[CDP],
        Proof::Cdp { key_id, secret } if key_id == "id" && secret == "s3cret"));
    assert_eq!(secrets.rpc["eip155:8453"], "https://node.example/k3y");

    let least = inline(&json!({"site": "s", "handover": [key("a")], "pass": [key("b")]}));
    assert!(least.facilitators.is_empty() && least.rpc.is_empty());

    let pointer = json!({"ssm": {"parameter": "/x402/shop", "region": "us-east-1"}}).to_string();
    let Ok(Document::Ssm(parameter)) = Document::parse(&pointer) else { panic!("{pointer}") };
    assert_eq!((&*parameter.name, &*parameter.region), ("/x402/shop", "us-east-1"));
}

#[test]
fn every_mistake_is_named_by_its_place_and_no_value_is_quoted() {
    let with = |pointer: &str, value: Value| {
        let mut json = whole();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[name.replace("~1", "/")] = value;
        json.to_string()
    };
    let short = key("a")[..63].to_owned();
    for (json, words) in [
        ("hunter2".to_owned(), "is not JSON: line 1, column 1"),
        ("[]".to_owned(), "must be an object"),
        ("{}".to_owned(), "lacks the field \"site\""),
        (json!({"site": "s"}).to_string(), "lacks the field \"handover\""),
        (
            with("/hunter", json!("2")),
            "has the unknown field \"hunter\"; known are site, handover, pass",
        ),
        (with("/handover", json!("hunter2")), "handover must be a list of texts"),
        (with("/handover", json!([])), "handover must be keys of 64 hexadecimal digits"),
        (with("/handover", json!([key("a"), "hunter2"])), "handover must be keys of 64"),
        (with("/pass", json!([short])), "pass must be keys of 64 hexadecimal digits"),
        (with("/pass", json!([key("C"), key("A")])), "has the same key in handover and in pass"),
        (with("/facilitators", json!(["hunter2"])), "facilitators must be an object"),
        (
            with("/facilitators/http:~1~1f.example", json!({"bearer": "hunter2"})),
            "facilitators[\"http://f.example\"] must be an https URL",
        ),
        (
            with("/facilitators/https:~1~1g.example~1", json!({"bearer": "hunter2"})),
            "facilitators[\"https://g.example/\"] is named by a URL with a slash at its end",
        ),
        (
            with("/facilitators/https:~1~1f.example", json!("hunter2")),
            "facilitators[\"https://f.example\"] must be an object",
        ),
        (
            with("/facilitators/https:~1~1f.example", json!({})),
            "facilitators[\"https://f.example\"] must have either bearer or cdp",
        ),
        (
            with("/facilitators/https:~1~1f.example", json!({"bearer": "hunter 2"})),
            "facilitators[\"https://f.example\"].bearer must be ASCII without spaces",
        ),
        (
            with("/facilitators/https:~1~1f.example", json!({"cdp": {"keyId": "i"}})),
            "facilitators[\"https://f.example\"].cdp lacks the field \"secret\"",
        ),
        (
            with(
                "/facilitators/https:~1~1f.example",
                json!({"cdp": {"keyId": "", "secret": "hunter2"}}),
            ),
            "facilitators[\"https://f.example\"].cdp.keyId must be a text that is not empty",
        ),
        (
            with("/rpc/eip155:1", json!("http://node.example/hunter2")),
            "rpc[\"eip155:1\"] must be an https URL",
        ),
        (
            with("/rpc/eip155:1", json!("http://127.0.0.1.evil.example/hunter2")),
            "rpc[\"eip155:1\"] must be an https URL",
        ),
        (with("/ssm", json!({"parameter": "p", "region": "r"})), "has the unknown field"),
        (json!({"ssm": {"parameter": "p"}}).to_string(), "ssm lacks the field \"region\""),
        (
            json!({"ssm": {"parameter": 1, "region": "r"}}).to_string(),
            "ssm.parameter must be a text",
        ),
    ] {
        let problem = problem(&json);
        assert!(problem.contains(words), "{problem}\nshould have: {words}");
        assert!(!problem.contains("hunter2") && !problem.contains("hunter 2"), "{problem}");
    }
}

/// The sample's table with a demand for each kind of secret.
fn table() -> Table {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
    let mut table = compile(sample.as_ref()).unwrap().table().clone();
    let mut bearer = false;
    for rule in table.rules.to_mut() {
        let Sale::Priced { offers, .. } = &mut rule.sale else { continue };
        for offer in offers.to_mut() {
            for facilitator in offer.facilitators.to_mut() {
                facilitator.url = Cow::Borrowed(if bearer { "https://f.example" } else { CDP });
                facilitator.auth = if bearer { Auth::Bearer } else { Auth::Cdp };
                bearer = true;
            }
            offer.network.caip2 = Cow::Borrowed("eip155:8453");
            offer.network.rpc = Some(Rpc { url: None, second: None, confirmations: 3 });
        }
    }
    assert!(bearer, "the sample has at least two priced offers");
    table
}

#[test]
fn secrets_must_fit_the_table_both_ways() {
    let table = table();
    let mismatches = |json: &Value| {
        let (demands, secrets) = (Demands::of(&table), inline(json));
        [demands.missing(&secrets), demands.unneeded(&secrets)].concat()
    };
    assert_eq!(mismatches(&whole()), Vec::<String>::new());

    let mut bare = whole();
    bare.as_object_mut()
        .unwrap()
        .retain(|name, _| ["site", "handover", "pass"].contains(&name.as_str()));
    let wrong = mismatches(&bare);
    assert_eq!(wrong.len(), 3, "{wrong:#?}");
    assert!(
        wrong[0]
            .contains("lack facilitators[\"https://api.cdp.coinbase.com/platform/v2/x402\"].cdp")
    );
    assert!(wrong[1].contains("auth = \"bearer\" for https://f.example"));
    assert!(wrong[2].contains("they lack rpc[\"eip155:8453\"]"));

    let mut other = whole();
    other["facilitators"][CDP] = json!({"bearer": "hunter2"});
    other["facilitators"]["https://typo.example"] = json!({"bearer": "hunter2"});
    other["rpc"]["eip155:1"] = json!("https://node.example/hunter2");
    let wrong = mismatches(&other);
    assert_eq!(wrong.len(), 3, "{wrong:#?}");
    assert!(wrong[0].contains("has bearer instead"));
    assert!(wrong[1].contains("facilitators[\"https://typo.example\"], but no offer of the table"));
    assert!(wrong[2].contains("rpc[\"eip155:1\"], but the table"));
    assert!(!wrong.join(" ").contains("hunter2"));
}

#[test]
fn a_missing_or_bad_secret_stops_its_facilitator_and_is_a_problem_to_mend() {
    let (table, mut json) = (table(), whole());
    json["facilitators"].as_object_mut().unwrap().remove("https://f.example");
    let secrets = Secrets::new(&inline(&json), &table);
    // CDP's secret is no key, and the other facilitator has none.
    assert_eq!(secrets.problems.len(), 2, "{:#?}", secrets.problems);
    for url in ["https://f.example", CDP] {
        let call = format!("{url}/settle");
        let stopped = secrets.credentials.authorization(url, &Method::POST, &call, NOW);
        let why = stopped.unwrap_err();
        assert!(secrets.problems.contains(&why), "{why}");
        assert!(!why.contains("s3cret"), "{why}");
    }
    let open = "https://open.example";
    assert_eq!(secrets.credentials.authorization(open, &Method::POST, open, NOW), Ok(None));
}

#[test]
fn a_parameter_of_another_site_is_not_taken() {
    let table = table();
    let parse = |json: &Value| Secrets::parse(&json.to_string(), &table).err();
    assert_eq!(parse(&whole()), None);
    let mut other = whole();
    other["site"] = "another".into();
    assert!(parse(&other).unwrap().contains("the site another; the table sells sample"));
    other.as_object_mut().unwrap().remove("site");
    assert!(parse(&other).unwrap().contains("lacks the field \"site\""));
    let pointer = json!({"ssm": {"parameter": "/x402/shop", "region": "us-east-1"}});
    assert!(parse(&pointer).unwrap().contains("another parameter"));
}

#[test]
fn a_function_does_not_start_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    // The test's environment sets neither key.
    assert!(matches!(settings::read(folder.path()), Err(BadSettings::NoKeys)));
    let path = folder.path().join(settings::SECRETS);
    std::fs::write(&path, "{}").unwrap();
    assert!(matches!(settings::read(folder.path()), Err(BadSettings::Document(_))));
    std::fs::write(&path, whole().to_string()).unwrap();
    assert!(settings::read(folder.path()).is_ok());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(matches!(settings::read(folder.path()), Err(BadSettings::Unreadable(_))));
}

fn identity() -> Identity {
    Identity {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        session_token: Some("role/session=".into()),
    }
}

/// What AWS's own signer makes of the request that arrived.
fn reference_signature(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.to_owned()))
            .unwrap_or_else(|| panic!("no {name}"))
    };
    let Identity { access_key_id, secret_access_key, session_token } = identity();
    let credentials =
        Credentials::new(access_key_id, secret_access_key, session_token, None, "test").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = aws_sigv4::http_request::PayloadChecksumKind::XAmzSha256;
    let params = v4::SigningParams::builder()
        .identity(&credentials)
        .region("eu-west-1")
        .name("ssm")
        .time(UNIX_EPOCH + Duration::from_secs(NOW.secs()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let signed = ["content-type", "x-amz-target"].map(|name| (name, header(name)));
    let headers = signed.iter().map(|(name, value)| (*name, value.as_str()));
    let url = format!("http://{}/", header("host"));
    let body = SignableBody::Bytes(body.as_bytes());
    let signable = SignableRequest::new("POST", url, headers, body).unwrap();
    let (instructions, _) = aws_sigv4::http_request::sign(signable, &params).unwrap().into_parts();
    let authorization = instructions.headers().find(|(name, _)| *name == "authorization").unwrap();
    assert_eq!(header("authorization"), authorization.1);
    header("x-amz-target")
}

/// Asks an SSM that answers so, and gives what it said and the request's body.
fn ask(status: &'static str, body: String) -> (Result<String, String>, Value) {
    let (url, requests) = server(move |mut stream, requests| {
        let Some(request) = read(&mut stream) else { return };
        requests.send(request).unwrap();
        respond(&mut stream, status, &body);
    });
    let parameter = Parameter { name: "/x402/shop".into(), region: "eu-west-1".into() };
    let (http, identity) = (Http::default(), identity());
    let client = ssm::Client { http: &http, identity: &identity, endpoint: Some(&url) };
    let value = client.get_parameter(&parameter, NOW, Duration::from_secs(2));
    let request = requests.try_recv().unwrap();
    assert_eq!(reference_signature(&request), "AmazonSSM.GetParameter");
    let sent = request.split_once("\r\n\r\n").unwrap().1;
    (value, serde_json::from_str(sent).unwrap())
}

#[test]
fn ssm_is_asked_for_the_decrypted_value_as_aws_wants_it() {
    let answer = json!({"Parameter": {"Name": "/x402/shop", "Value": whole().to_string()}});
    let (value, sent) = ask("200 OK", answer.to_string());
    assert_eq!(value, Ok(whole().to_string()));
    assert_eq!(sent, json!({"Name": "/x402/shop", "WithDecryption": true}));
}

#[test]
fn what_ssm_refuses_says_how_to_mend_it() {
    let error = |kind: &str| json!({"__type": kind, "message": "hunter2"}).to_string();
    for (status, body, words) in [
        ("400 Bad Request", error("ParameterNotFound"), "400 ParameterNotFound: make it"),
        ("400 Bad Request", error("a.b#AccessDeniedException"), "needs ssm:GetParameter"),
        ("400 Bad Request", error("ThrottlingException"), "400 ThrottlingException"),
        ("500 Internal Server Error", String::new(), "500"),
        ("200 OK", "{}".into(), "has no value"),
        ("200 OK", "hunter2".into(), "has no value"),
    ] {
        let (value, _) = ask(status, body);
        let why = value.unwrap_err();
        assert!(why.starts_with("SSM parameter /x402/shop in eu-west-1: "), "{why}");
        assert!(why.contains(words) && !why.contains("hunter2"), "{why}");
    }
}
