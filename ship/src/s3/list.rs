//! What a bucket has, page by page.

use content_config::Stored;
use reqwest::Method;
use rusty_s3::actions::{ListObjectsV2, ListObjectsV2Response};

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

/// A thousand objects at most, in the order of their keys.
#[derive(Debug)]
pub struct Page {
    pub objects: Vec<Stored>,
    next: Option<String>,
}

impl Bucket {
    /// Hands over every object under the prefix, in the order of their keys.
    pub async fn list(&self, mut each: impl FnMut(Stored)) -> Result<(), S3Error> {
        let mut page = self.first_page().await?;
        loop {
            page.objects.drain(..).for_each(&mut each);
            match self.next_page(&page).await? {
                Some(next) => page = next,
                None => return Ok(()),
            }
        }
    }

    /// The first objects under the prefix.
    pub async fn first_page(&self) -> Result<Page, S3Error> {
        self.page_after(None).await
    }

    /// Those that follow, if any do.
    pub async fn next_page(&self, page: &Page) -> Result<Option<Page>, S3Error> {
        let Some(token) = &page.next else { return Ok(None) };
        let next = self.page_after(Some(token)).await?;
        if next.next.as_ref() == Some(token) {
            return Err(endless());
        }
        Ok(Some(next))
    }

    /// The folders right under the prefix, by name.
    pub(crate) async fn folders(&self) -> Result<Vec<String>, S3Error> {
        let (mut folders, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
            action.with_prefix(self.target().prefix.as_str());
            action.with_delimiter("/");
            if let Some(token) = &token {
                action.with_continuation_token(token.as_str());
            }
            let answer = self.listed(action).await?;
            for folder in answer.common_prefixes {
                let name = folder.prefix.strip_prefix(&self.target().prefix);
                folders.extend(name.map(|name| name.trim_end_matches('/').to_owned()));
            }
            let next = answer.next_continuation_token;
            match next {
                None => return Ok(folders),
                Some(_) if next == token => return Err(endless()),
                Some(_) => token = next,
            }
        }
    }

    async fn listed(
        &self,
        mut action: ListObjectsV2<'_>,
    ) -> Result<ListObjectsV2Response, S3Error> {
        let request = self.request(Method::GET, &mut action, &[], Body::Empty);
        let text = request.send(&self.http).await?.text().await.map_err(S3Error::unreachable)?;
        ListObjectsV2::parse_response(&text)
            .map_err(|error| S3Error::Unreadable(format!("no list of objects: {error}")))
    }

    async fn page_after(&self, token: Option<&str>) -> Result<Page, S3Error> {
        let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
        if !self.target().prefix.is_empty() {
            action.with_prefix(self.target().prefix.as_str());
        }
        if let Some(token) = token {
            action.with_continuation_token(token);
        }
        let answer = self.listed(action).await?;
        let mut objects = Vec::with_capacity(answer.contents.len());
        for object in answer.contents {
            let Some(key) = object.key.strip_prefix(&self.target().prefix) else { continue };
            let (Some(size), Some(etag)) = (object.size, object.etag) else {
                return Err(S3Error::Unreadable(format!("no size or ETag of {key:?}")));
            };
            // What the console makes for a folder is no object of anybody's.
            let folder = key.is_empty() || (key.ends_with('/') && size == 0);
            if !folder {
                objects.push(Stored { key: key.to_owned(), size, etag });
            }
        }
        Ok(Page { objects, next: answer.next_continuation_token })
    }
}

fn endless() -> S3Error {
    S3Error::Unreadable("a list that does not end".to_owned())
}
