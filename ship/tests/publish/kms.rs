//! A bucket that encrypts with KMS keys: its ETags are no digests of the bytes.

use s3s::dto::*;
use s3s::service::S3ServiceBuilder;
use s3s::{S3, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;

use super::server::Server;
use super::shop::Shop;

/// The file system, with other ETags.
struct Kms(FileSystem);

fn other(etag: Option<ETag>) -> Option<ETag> {
    Some(ETag::Strong(format!("kms-{}", &etag?.into_value()[..8])))
}

#[async_trait::async_trait]
impl S3 for Kms {
    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let mut answer = self.0.put_object(request).await?;
        answer.output.e_tag = other(answer.output.e_tag.take());
        Ok(answer)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let mut answer = self.0.head_object(request).await?;
        answer.output.e_tag = other(answer.output.e_tag.take());
        Ok(answer)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let mut answer = self.0.list_objects_v2(request).await?;
        for object in answer.output.contents.iter_mut().flatten() {
            object.e_tag = other(object.e_tag.take());
        }
        Ok(answer)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_takes_the_etags_that_the_bucket_gave() {
    let server = Server::with(|files| S3ServiceBuilder::new(Kms(files))).await;
    let shop = Shop::new();
    shop.write("a.txt", "a");
    shop.write("b.txt", "b");

    let errors = shop.publish(&server, &[]).await.badly();
    assert!(errors.contains("Add `published = \"published.jsonl\"` to [site]"), "{errors}");
    assert_eq!(server.puts(), 2);

    shop.site("published = \"published.jsonl\"\ndiscovery = true");
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("4 to upload"), "the documents:\n{out}");
    let table = shop.table();
    for content in table.contents() {
        assert!(content.etag.starts_with("\"kms-"), "{}: {}", content.key, content.etag);
    }
    assert!(table.inputs().contains(&shop.path("published.jsonl")), "a build looks at it");
    server.puts();
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("0 to upload"), "the checksum tells, not the ETag:\n{out}");

    shop.write("a.txt", "A");
    let md5 =
        shop.table().contents().find(|content| content.key == "a.txt").unwrap().etag.to_owned();
    assert!(!md5.starts_with("\"kms-"), "not yet published");
    shop.publish(&server, &[]).await.well();
    assert_eq!(server.puts(), 1);
}
