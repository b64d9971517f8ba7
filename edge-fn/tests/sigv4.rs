//! Every signature is compared with that of AWS's own crate.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use edge_fn::io::aws::Identity;
use edge_fn::io::aws::sigv4::{Scope, Signable, sign};
use paywall_core::clock::Micros;
use proptest::prelude::*;

fn reference(
    request: &Signable<'_>,
    scope: &Scope<'_>,
    identity: &Identity,
    now: Micros,
) -> Vec<(String, String)> {
    let credentials = Credentials::new(
        identity.access_key_id.clone(),
        identity.secret_access_key.clone(),
        identity.session_token.clone(),
        None,
        "test",
    )
    .into();
    // As AWS's SDK sets them for S3; for SSM the path is `/`, on which they make no difference.
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params = v4::SigningParams::builder()
        .identity(&credentials)
        .region(scope.region)
        .name(scope.service)
        .time(UNIX_EPOCH + Duration::from_micros(now.0))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = format!("https://{}{}", request.host, request.path);
    let body = SignableBody::Bytes(request.body);
    let headers = request.headers.iter().copied();
    let signable = SignableRequest::new(request.method, url, headers, body).unwrap();
    let (instructions, _) = aws_sigv4::http_request::sign(signable, &params).unwrap().into_parts();
    instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn signs_as_aws_does(
        method in "GET|PUT|POST",
        host in "[a-z0-9]{1,20}\\.s3\\.[a-z0-9-]{1,12}\\.amazonaws\\.com(:[1-9][0-9]{3})?",
        path in "/|(/([A-Za-z0-9._~-]|%[0-9A-F]{2}){1,12}){1,4}",
        etag in "\"[0-9a-f]{32}(-[0-9]{1,2})?\"",
        body in proptest::collection::vec(any::<u8>(), 0..200),
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        service in "s3|ssm",
        id in "[A-Z0-9]{16,20}",
        secret in "[A-Za-z0-9/+]{40}",
        token in proptest::option::of("[A-Za-z0-9/+=]{1,300}"),
        // From 1970 to 2100.
        micros in 0..4_102_444_800_000_000_u64,
        headers in 0..4_usize,
    ) {
        let headers = [
            ("x-amz-target", "AmazonSSM.GetParameter"),
            ("if-match", etag.as_str()),
            ("content-type", "application/json"),
        ].split_at(headers.min(3)).0.to_vec();
        let request = Signable {
            method: &method, host: &host, path: &path, headers: &headers, body: &body,
        };
        let scope = Scope { region: &region, service: &service };
        let identity =
            Identity { access_key_id: id, secret_access_key: secret, session_token: token };
        let now = Micros(micros);
        let mut ours: Vec<_> = sign(&request, &scope, &identity, now)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut theirs = reference(&request, &scope, &identity, now);
        ours.sort();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
    }
}
