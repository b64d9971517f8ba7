//! Which bytes were bought: their SHA-256 in the receipt, and with the content that has them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use price_table::Object;
use serde::Serialize;

use crate::event::Response;

/// <https://www.rfc-editor.org/rfc/rfc9530#section-3>
const HEADER: &str = "Repr-Digest";

/// `extensions` of the receipt: which object was bought.
#[derive(Serialize)]
pub(crate) struct Extensions<'a> {
    content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    info: Info<'a>,
}

#[derive(Serialize)]
struct Info<'a> {
    key: &'a str,
    etag: &'a str,
    digest: String,
}

/// Names an object, if its digest is told.
pub(crate) fn extensions<'a>(object: &'a Object<'_>) -> Option<Extensions<'a>> {
    let digest = field(object.sha256.as_ref()?);
    let info = Info { key: &object.key, etag: &object.etag, digest };
    Some(Extensions { content: Content { info } })
}

/// Tells the digest of what is served. A representation is its bytes as they are encoded, and a strong tag is
/// one encoding's: of what CloudFront compressed, and of other content than was published, nothing is said.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html>
pub(crate) fn add(object: &Object<'_>, response: &mut Response) {
    let Some(sha256) = &object.sha256 else { return };
    let headers = &mut response.headers;
    headers.remove(&HEADER.to_ascii_lowercase());
    let is_ours = headers.first("etag") == Some(&*object.etag);
    if is_ours && headers.first("content-encoding").is_none() {
        headers.set(HEADER, field(sha256));
    }
}

/// As RFC 9530 writes it, of the bytes as they are.
fn field(sha256: &[u8; 32]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256))
}
