//! `[site]`.

use price_table::Site;

use super::listing;
use super::values::{bad_url, duplicates};
use crate::code::Code;
use crate::report::Problem;
use crate::schema::{self, At};
use crate::web_url;

/// The longest id, in bytes: it stands in every record's key and in every pass.
const MAX_ID_BYTES: usize = 32;

/// The site, without its default root object and its page, which need the objects and the rules, and what `[log]` says.
pub(crate) fn site(text: &schema::Site, problems: &mut Vec<Problem>) -> Option<Site> {
    let id = text.id.as_ref().and_then(|id| self::id(id, problems));
    let urls = match &text.urls {
        Some(urls) if urls.get_ref().is_empty() => {
            problems.push(
                Problem::new(Code::MissingKey, "the site has no URL")
                    .at(urls.span(), "this list is empty")
                    .help("add the distribution's URL, such as \"https://d111111abcdef8.cloudfront.net\""),
            );
            None
        }
        Some(urls) => origins("the site's URL", urls.get_ref(), problems),
        None => None,
    };
    let cors_origins = match &text.cors_origins {
        None => Some(vec!["*".to_owned()]),
        Some(list) if list.get_ref().iter().any(|origin| origin.get_ref() == "*") => {
            if list.get_ref().len() > 1 {
                problems.push(
                    Problem::new(Code::Duplicate, "`cors_origins` has `*` and others")
                        .at(list.span(), "`*` covers every origin")
                        .help("keep `*` alone, or the origins alone"),
                );
            }
            Some(vec!["*".to_owned()])
        }
        Some(list) => origins("a CORS origin", list.get_ref(), problems),
    };
    let (shop, contact) = (listing::shop(text, problems), listing::contact(text, problems));
    let listed = text.discovery.as_ref().is_some_and(|wanted| *wanted.get_ref());
    let texts = |list: Vec<String>| list.into_iter().map(Into::into).collect::<Vec<_>>().into();
    Some(Site {
        id: id?.into(),
        urls: texts(urls?),
        default_root_object: None,
        cors_origins: texts(cors_origins?),
        body: text.body,
        sealed: text.sealed,
        discovery: if listed { Some(shop?) } else { None },
        contact: contact?.map(Into::into),
        free_lines: 1,
        vouched_epoch: text.vouched_epoch,
        page: None,
    })
}

fn id(text: &At<String>, problems: &mut Vec<Problem>) -> Option<String> {
    let id = text.get_ref();
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = match id.len() {
        0 => "this is empty".to_owned(),
        _ if !id.bytes().all(fits) => "only a-z, 0-9 and `-` may be in it".to_owned(),
        1..=MAX_ID_BYTES => return Some(id.clone()),
        long => format!("{long} characters; {MAX_ID_BYTES} fit"),
    };
    problems.push(
        Problem::new(Code::BadSiteId, format!("the site's `id` cannot be {id:?}"))
            .at(text.span(), label)
            .help(
                "write a short name such as `my-shop`; it must survive a new domain, bucket and \
                 stack, since changing it forgets open payments",
            ),
    );
    None
}

fn origins(what: &str, list: &[At<String>], problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let mut read = Vec::new();
    for text in list {
        match web_url::origin(text.get_ref()) {
            Ok(origin) => read.push((text.clone(), origin)),
            Err(bad) => problems.push(bad_url(what, text, bad)),
        }
    }
    duplicates(what, &read, problems);
    (read.len() == list.len()).then(|| read.into_iter().map(|(_, origin)| origin).collect())
}
