//! What goes wrong, and what kind of failure it is: by the SDK, and by requests signed here.

use aws_control_plane::Aws;
use deployment::control_plane::{Answer, ControlPlane};
use serde_json::{Value, json};

/// A call of each half, and what became of it.
pub(super) async fn tell() {
    fn told<T>(name: &str, answer: Answer<T>) {
        match answer {
            Ok(_) => println!("{name}: fine"),
            Err(failure) => println!("{name}: {:?} | {failure}", failure.kind),
        }
    }
    let aws = Aws::from_environment().await;
    told("sts", aws.caller().await);
    told("cloudformation", aws.stack("shop").await);
    told("ssm", aws.parameter("/x402/shop").await);
    told("credentials", aws.credentials().await);
    let keys = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    told("s3", aws.delete_objects("shop", &keys).await);
}

/// How often this client asked a service.
fn tries(faults: &std::path::Path) -> usize {
    let calls = std::fs::read_to_string(faults.with_file_name("calls")).unwrap_or_default();
    let calls = calls.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    calls.filter(|call| call["run"] == json!("try")).count()
}

pub(super) fn all() {
    let faults = std::env::var("CONTROL_PLANE_FAULTS").expect("CONTROL_PLANE_FAULTS");
    let faults = std::path::Path::new(&faults);
    let says = |environment: &[(&str, &str)], wanted: &[&str]| {
        let text = super::run("failures", environment);
        println!("{environment:?}\n{text}");
        for wanted in wanted {
            assert!(text.contains(wanted), "{wanted:?} is not in:\n{text}");
        }
    };
    let fault = |rules: &[Value]| {
        std::fs::write(faults, json!({ "requests": rules }).to_string()).unwrap();
    };
    let rule = |service: &str, status: u16, code: &str, message: &str| json!({"service": service, "match": "", "status": status, "code": code, "message": message});

    says(
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")],
        &["sts: NoCredentials", "ssm: NoCredentials", "credentials: NoCredentials"],
    );
    let profile = ("AWS_PROFILE", "no-such-profile");
    says(
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), profile],
        &["sts: NoProfile", "cloudformation: NoProfile", "ssm: NoProfile", "no-such-profile"],
    );
    let nobody = ("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    says(&[nobody], &["sts: Unreachable", "ssm: Unreachable", "s3: Unreachable"]);
    // The services' own come first.
    says(
        &[("AWS_ENDPOINT_URL_SSM", nobody.1), ("AWS_ENDPOINT_URL_STS", nobody.1)],
        &["sts: Unreachable", "cloudformation: fine", "ssm: Unreachable"],
    );

    fault(&[
        rule("sts", 403, "ExpiredToken", "The security token included in the request is expired"),
        rule("cloudformation", 403, "AccessDenied", "User: x is not authorized to perform: y"),
        rule("ssm", 400, "UnrecognizedClientException", "The security token is invalid."),
    ]);
    says(&[], &["sts: Expired", "cloudformation: Denied", "ssm: Unknown", "s3: Expired"]);

    fault(&[
        rule("cloudformation", 400, "Throttling", "Rate exceeded"),
        rule("ssm", 400, "ThrottlingException", "Rate exceeded"),
        rule("s3", 503, "SlowDown", "Please reduce your request rate."),
    ]);
    says(&[], &["sts: fine", "cloudformation: Throttled", "ssm: Throttled", "s3: Throttled"]);

    let inside = "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    fault(&[
        json!({"service": "s3", "match": "POST", "status": 200, "code": "", "message": "", "body": inside}),
    ]);
    says(&[], &["s3: Denied", "s3://shop/b could not be deleted: AccessDenied"]);
    std::fs::remove_file(faults).unwrap();
    assert!(tries(faults) > 0, "nobody called itself app/try");
}
