//! The objects of the server: `s3s-fs`, and where it falls short of S3, what S3 does.
//!
//! It lists no ETags, and keys as they are where the client asked for them encoded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::parts::{Facts, Uploads};

pub(crate) struct Objects {
    files: FileSystem,
    /// The folder that it keeps them in.
    folder: PathBuf,
    encryption: Encryption,
    uploads: Arc<Uploads>,
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

fn encoded(key: &str, encodes: bool) -> String {
    match encodes {
        true => utf8_percent_encode(key, &PLAIN).to_string().replace("%20", "+"),
        false => key.to_owned(),
    }
}

impl Objects {
    pub(crate) fn new(folder: &Path, encryption: Encryption, uploads: Arc<Uploads>) -> Self {
        let files = FileSystem::new(folder).unwrap();
        Objects { files, folder: folder.to_owned(), encryption, uploads }
    }

    /// Refuses a copy of another object than is wanted. The files' own ETags are others, so nobody else is asked.
    async fn is_wanted(
        &self,
        source: &CopySource,
        wanted: Option<ETagCondition>,
    ) -> S3Result<String> {
        let CopySource::Bucket { bucket, key, .. } = source else {
            return Err(s3_error!(NotImplemented));
        };
        match wanted {
            Some(ETagCondition::ETag(wanted))
                if self.etag_of(bucket, key).await?.as_ref() != Some(&wanted) =>
            {
                Err(s3_error!(PreconditionFailed))
            }
            _ => Ok(key.to_string()),
        }
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
        let (key, facts) = (request.input.key.clone(), Facts::of(&request.input));
        let mut answer = self.files.put_object(request).await?;
        self.uploads.set_facts(&key, facts);
        answer.output.e_tag = self.etag(answer.output.e_tag.take());
        Ok(answer)
    }

    async fn copy_object(
        &self,
        mut request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let wanted = request.input.copy_source_if_match.take();
        let source = self.is_wanted(&request.input.copy_source, wanted).await?;
        let facts = Facts {
            storage_class: request.input.storage_class.clone(),
            encryption: request.input.server_side_encryption.clone(),
            kms_key: request.input.ssekms_key_id.clone(),
            tags: self.uploads.facts(&source).tags,
            ..Facts::default()
        };
        self.uploads.set_facts(&request.input.key, facts);
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
        let facts = self.uploads.facts(&request.input.key);
        let mut answer = self.files.head_object(request).await?;
        let output = &mut answer.output;
        output.e_tag = self.etag(output.e_tag.take());
        output.storage_class = facts.storage_class;
        output.server_side_encryption = facts.encryption;
        output.ssekms_key_id = facts.kms_key;
        output.missing_meta = facts.missing;
        output.checksum_sha256 = facts.sha256_of_all.or(output.checksum_sha256.take());
        Ok(answer)
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let tags = self.uploads.facts(&request.input.key).tags;
        let tag = |(key, value)| Tag { key: Some(key), value: Some(value) };
        let tag_set = tags.into_iter().map(tag).collect();
        Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: None }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input.clone();
        let answer = self.files.create_multipart_upload(request).await?;
        self.uploads.begin(&input, answer.output.upload_id.as_deref().unwrap());
        Ok(answer)
    }

    async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let body = request.input.body.take().ok_or_else(|| s3_error!(IncompleteBody))?;
        let chunks: Vec<_> =
            body.try_collect().await.map_err(|error| s3_error!(IncompleteBody, "{error}"))?;
        let bytes = chunks.concat();
        let input = &request.input;
        let (at, said) = ((&*input.key, &*input.upload_id), input.checksum_sha256.as_deref());
        self.uploads.part(at, input.part_number, &bytes, said)?;
        request.input.body = Some(s3s::Body::from(bytes).into());
        self.files.upload_part(request).await
    }

    async fn upload_part_copy(
        &self,
        mut request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let wanted = request.input.copy_source_if_match.take();
        self.is_wanted(&request.input.copy_source, wanted).await?;
        let input = &request.input;
        let (key, id, number) = (input.key.clone(), input.upload_id.clone(), input.part_number);
        let mut answer = self.files.upload_part_copy(request).await?;
        let part = self.folder.join(format!(".upload_id-{id}.part-{number}"));
        let sha256 = self.uploads.part((&key, &id), number, &std::fs::read(part).unwrap(), None)?;
        if let Some(copied) = &mut answer.output.copy_part_result {
            copied.checksum_sha256 = Some(sha256);
        }
        Ok(answer)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = &request.input;
        let parts = input.multipart_upload.as_ref().and_then(|list| list.parts.as_deref());
        self.uploads.complete((&input.key, &input.upload_id), parts.unwrap_or_default())?;
        let mut answer = self.files.complete_multipart_upload(request).await?;
        let future = answer.output.future.take().ok_or_else(|| s3_error!(InternalError))?;
        let mut output = future.await?;
        output.e_tag = self.etag(output.e_tag.take());
        Ok(S3Response::new(output))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.uploads.abort(&request.input.key, &request.input.upload_id)?;
        self.files.abort_multipart_upload(request).await
    }

    async fn list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        Ok(S3Response::new(self.uploads.parts(&request.input)?))
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let encodes = request.input.encoding_type.is_some();
        let list = self.uploads.list(&request.input, |key| encoded(key, encodes));
        Ok(S3Response::new(list))
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
        let encodes = request.input.encoding_type.is_some();
        let mut answer = self.files.list_objects_v2(request).await?;
        for object in answer.output.contents.iter_mut().flatten() {
            let key = object.key.take().unwrap_or_default();
            object.e_tag = self.etag_of(&bucket, &key).await?;
            object.key = Some(encoded(&key, encodes));
        }
        Ok(answer)
    }
}
