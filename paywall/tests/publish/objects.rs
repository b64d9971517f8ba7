//! The objects of the server: `s3s-fs`, and where it falls short of S3, what S3 does.
//!
//! It lists no ETags, and keys as they are where the client asked for them encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

pub(crate) struct Objects {
    files: FileSystem,
    encryption: Encryption,
}

#[derive(Clone, Copy)]
pub(crate) enum Encryption {
    /// SSE-S3: ETags are the MD5 of the bytes.
    S3,
    /// SSE-KMS: they are not.
    Kms,
}

/// As S3 encodes keys in a listing.
const PLAIN: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b'*');

impl Objects {
    pub(crate) fn new(files: FileSystem, encryption: Encryption) -> Self {
        Objects { files, encryption }
    }

    fn etag(&self, etag: Option<ETag>) -> Option<ETag> {
        match self.encryption {
            Encryption::S3 => etag,
            Encryption::Kms => Some(ETag::Strong(format!("kms-{}", &etag?.into_value()[..8]))),
        }
    }

    async fn etag_of(&self, bucket: &str, key: &str) -> S3Result<Option<ETag>> {
        let input =
            HeadObjectInput { bucket: bucket.into(), key: key.into(), ..Default::default() };
        let request = S3Request {
            input,
            method: hyper::Method::HEAD,
            uri: Default::default(),
            headers: Default::default(),
            extensions: Default::default(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        };
        Ok(self.head_object(request).await?.output.e_tag)
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let mut answer = self.files.put_object(request).await?;
        answer.output.e_tag = self.etag(answer.output.e_tag.take());
        Ok(answer)
    }

    async fn copy_object(
        &self,
        mut request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        if let Some(ETagCondition::ETag(wanted)) = &request.input.copy_source_if_match {
            let CopySource::Bucket { bucket, key, .. } = &request.input.copy_source else {
                return Err(s3_error!(NotImplemented));
            };
            if self.etag_of(bucket, key).await?.as_ref() != Some(wanted) {
                return Err(s3_error!(PreconditionFailed));
            }
            // The files' own ETags are others.
            request.input.copy_source_if_match = None;
        }
        let mut answer = self.files.copy_object(request).await?;
        if let Some(copied) = &mut answer.output.copy_object_result {
            copied.e_tag = self.etag(copied.e_tag.take());
        }
        Ok(answer)
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let mut answer = self.files.get_object(request).await?;
        answer.output.e_tag = self.etag(answer.output.e_tag.take());
        Ok(answer)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let mut answer = self.files.head_object(request).await?;
        answer.output.e_tag = self.etag(answer.output.e_tag.take());
        Ok(answer)
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.files.delete_objects(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let bucket = request.input.bucket.clone();
        let encoded = request.input.encoding_type.is_some();
        let mut answer = self.files.list_objects_v2(request).await?;
        for object in answer.output.contents.iter_mut().flatten() {
            let key = object.key.take().unwrap_or_default();
            object.e_tag = self.etag_of(&bucket, &key).await?;
            object.key = Some(match encoded {
                true => utf8_percent_encode(&key, &PLAIN).to_string().replace("%20", "+"),
                false => key,
            });
        }
        Ok(answer)
    }
}
