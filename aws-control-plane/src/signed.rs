//! Signed requests to what has no SDK here, tried again as the SDK does.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_types::service_config::ServiceConfigKey;
use deployment::control_plane::{Answer, REGION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::Url;

use crate::failure;
use crate::patience::{ATTEMPTS, CONNECT, READ};
use crate::reply::Reply;

/// The longest wait between two tries.
const LONGEST: f64 = 20.0;

#[derive(Clone, Copy)]
pub(crate) enum Service {
    S3,
    Ssm,
    CloudWatch,
    Logs,
    Waf,
}

impl Service {
    /// What its signatures and its host are called by.
    fn name(self) -> &'static str {
        match self {
            Service::S3 => "s3",
            Service::Ssm => "ssm",
            Service::CloudWatch => "monitoring",
            Service::Logs => "logs",
            Service::Waf => "wafv2",
        }
    }

    /// What its settings are called by, as in `AWS_ENDPOINT_URL_S3`.
    fn id(self) -> &'static str {
        match self {
            Service::S3 => "S3",
            Service::Ssm => "SSM",
            Service::CloudWatch => "CloudWatch",
            Service::Logs => "CloudWatch Logs",
            Service::Waf => "WAFV2",
        }
    }
}

pub(crate) struct Request<'a> {
    /// `s3 HeadBucket`.
    pub(crate) asked: &'a str,
    pub(crate) service: Service,
    pub(crate) method: Method,
    /// Whole, and percent-encoded once.
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'a [u8],
}

/// Signs and sends.
#[derive(Clone)]
pub(crate) struct Signer {
    config: SdkConfig,
    /// Fails for want of a trust store.
    http: Result<Client, String>,
}

impl Signer {
    pub(crate) fn new(config: &SdkConfig) -> Signer {
        // Fails if there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Redirects lead to another Region: that is an answer, and the signature would not hold there.
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(READ)
            .redirect(Policy::none())
            .user_agent(user_agent(config));
        let http = client.build().map_err(|error| failure::chain(&error));
        Signer { config: config.clone(), http }
    }

    pub(crate) fn provider(&self) -> SharedCredentialsProvider {
        // There is one since `Aws::from_environment`.
        self.config
            .credentials_provider()
            .unwrap_or_else(|| SharedCredentialsProvider::new(crate::credentials::Held::new(None)))
    }

    fn region(&self) -> &str {
        self.config.region().map_or(REGION, |region| region.as_ref())
    }

    /// The endpoint that variables or the profile name, the service's own first. Without a slash at its end.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    pub(crate) fn configured_endpoint(&self, service: Service) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service.id())
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let own = self.config.service_config().zip(key.ok());
        let own = own.and_then(|(settings, key)| settings.load_config(key));
        let url = own.or_else(|| self.config.endpoint_url().map(str::to_owned))?;
        Some(url.trim_end_matches('/').to_owned())
    }

    /// Where a service is that has one address in each Region.
    pub(crate) fn endpoint(&self, service: Service) -> String {
        let configured = self.configured_endpoint(service);
        configured.unwrap_or_else(|| {
            format!("https://{}.{}.amazonaws.com", service.name(), self.region())
        })
    }

    /// What a site answers with, unsigned, and once: whoever asks asks again.
    pub(crate) async fn status_of(&self, url: &str, name: &str, value: &str) -> Answer<u16> {
        let asked = format!("GET {url}");
        let http = self.http.as_ref().map_err(|why| failure::unreachable(&asked, why))?;
        let answer = http.get(url).header(name, value).timeout(READ).send().await;
        answer
            .map(|answer| answer.status().as_u16())
            .map_err(|error| failure::unreachable(&asked, &failure::chain(&error.without_url())))
    }

    /// AWS's answer, if it is a yes.
    pub(crate) async fn ask(&self, request: &Request<'_>) -> Answer<Reply> {
        let reply = self.reply(request).await?;
        if reply.is_yes() { Ok(reply) } else { Err(reply.failure(request.asked)) }
    }

    /// AWS's answer, whatever it is, once it is no longer "later".
    pub(crate) async fn reply(&self, request: &Request<'_>) -> Answer<Reply> {
        let attempts = self.config.retry_config().map_or(ATTEMPTS, |retry| retry.max_attempts());
        let mut tries = 1;
        loop {
            let answer = self.once(request).await?;
            let later = match &answer {
                Ok(reply) => reply.may_pass(),
                Err(_) => true,
            };
            if !later || tries >= attempts {
                return answer.map_err(|why| failure::unreachable(request.asked, &why));
            }
            let most = 2_f64.powf(f64::from(tries) - 1.0).min(LONGEST);
            tokio::time::sleep(Duration::from_secs_f64(fastrand::f64() * most)).await;
            tries += 1;
        }
    }

    /// One try. The outer failure is for good, the inner one may pass.
    async fn once(&self, request: &Request<'_>) -> Answer<Result<Reply, String>> {
        let asked = request.asked;
        let http = self.http.as_ref().map_err(|why| failure::unreachable(asked, why))?;
        let url = Url::parse(&request.url)
            .map_err(|error| failure::unreadable(asked, &format!("{}: {error}", request.url)))?;
        // Segments like `..` are resolved by all that parse URLs: another object would be meant.
        if url.as_str() != request.url {
            return Err(failure::unreadable(
                asked,
                &format!("{} has no URL of its own", request.url),
            ));
        }
        let held = self.provider().provide_credentials().await;
        let held = held.map_err(|error| failure::credentials(asked, &error))?;
        let mut sent = http.request(request.method.clone(), url).body(request.body.to_vec());
        for (name, value) in &request.headers {
            sent = sent.header(*name, value);
        }
        for (name, value) in self.signature(request, held)? {
            sent = sent.header(name, value);
        }
        Ok(Reply::read(sent.send().await)
            .await
            .map_err(|error| failure::chain(&error.without_url())))
    }

    fn signature(
        &self,
        request: &Request<'_>,
        held: Credentials,
    ) -> Answer<Vec<(&'static str, String)>> {
        let wrong = |error: String| failure::unreadable(request.asked, &error);
        // S3's way, which others take as well: keys are encoded once, and stay as they are.
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = held.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region())
            .name(request.service.name())
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Bytes(request.body);
        let signable =
            SignableRequest::new(request.method.as_str(), request.url.as_str(), headers, body)
                .map_err(|error| wrong(failure::chain(&error)))?;
        let signed =
            sign(signable, &parameters.into()).map_err(|error| wrong(failure::chain(&error)))?;
        let (instructions, _) = signed.into_parts();
        Ok(instructions.into_parts().0.iter().map(|h| (h.name(), h.value().to_owned())).collect())
    }
}

/// With the name that `AWS_SDK_UA_APP_ID` gives, as the SDK has it.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html>
fn user_agent(config: &SdkConfig) -> String {
    let own = concat!("x402-paywall/", env!("CARGO_PKG_VERSION"));
    match config.app_name() {
        Some(name) => format!("{own} app/{name}"),
        None => own.to_owned(),
    }
}
