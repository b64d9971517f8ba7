//! A sealed site whose function is not asked: no spelling of a path reaches anything.
//!
//! `SPELLINGS=100000` tries so many a place; without it a few thousand are.

use std::env;
use std::path::Path;

use cloudfront::path_pattern::PathPattern;
use edge_local::Options;
use edge_local::behavior::{Behavior, Failover, S3Origin};
use edge_local::distribution_config::{ErrorPage, Page};
use http::StatusCode;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::shop::{DATASET, FREE, REPORT, Shop, Site, published};

/// How the function comes not to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hole {
    /// The association is lost.
    NoFunction,
    /// A behavior was put before the default one.
    Behavior,
    /// One for another bucket's pages, which asks the shop's bucket for what that one has not.
    OriginGroup,
    /// A custom error page is fetched by the path of an object: CloudFront does not ask the function for it.
    ErrorPage,
}

impl Hole {
    const ALL: [Hole; 4] = [Hole::NoFunction, Hole::Behavior, Hole::OriginGroup, Hole::ErrorPage];

    /// `pages` is another bucket.
    fn make(self, options: &mut Options, pages: &Path) {
        let distribution = &mut options.distribution;
        let gated = &distribution.default_behavior;
        let ungated = Behavior { viewer_request: false, viewer_response: false, ..gated.clone() };
        match self {
            Hole::NoFunction => distribution.default_behavior = ungated,
            Hole::Behavior => distribution.behaviors.push((PathPattern::new("*r*"), ungated)),
            Hole::OriginGroup => {
                let bucket = "pages".to_owned();
                let first = S3Origin { id: bucket.clone(), bucket, path: String::new() };
                options.other_origins.insert(first.id.clone(), pages.into());
                let failover =
                    Failover { statuses: [StatusCode::FORBIDDEN].into(), origin: ungated.origin };
                let group = Behavior { origin: Some(first), failover: Some(failover), ..ungated };
                distribution.behaviors.push((PathPattern::new("*r*"), group));
            }
            Hole::ErrorPage => {
                for status in [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
                    distribution.error_pages.push(ErrorPage {
                        status,
                        page: Some(Page { path: REPORT.to_owned(), status: StatusCode::OK }),
                        caching_min_ttl: Default::default(),
                    });
                }
                distribution.behaviors.push((PathPattern::new("/reports/*"), ungated));
            }
        }
    }
}

/// The same numbers each time: <https://prng.di.unimi.it/splitmix64.c>.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % most as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// A way to write a path that leads to an object, or would if somebody on the way read it kindly.
fn spelling(path: &str, chance: &mut Chance) -> String {
    let mut text = String::new();
    for c in path.chars() {
        match (c, chance.below(100)) {
            (c, 0) => text.push_str(&format!("%{:02x}", u32::from(c))),
            (c, 1) => text.push_str(&format!("%25{:02X}", u32::from(c))),
            ('/', 2) => text.push_str("//"),
            ('/', 3) => text.push_str("/./"),
            ('/', 4) => text.push_str("/x/../"),
            ('/', 5) => text.push_str("/%2e%2E/"),
            ('/', 6) => text.push('\\'),
            (' ', _) => text.push_str(chance.one(&["+", "%20"])),
            (c, 7) => text.extend(c.to_uppercase()),
            (c, _) => text.push(c),
        }
    }
    let seal = (0..26).map(|_| chance.one(&["a", "b", "q", "x", "2", "7"])).collect::<String>();
    let start = [
        "",
        "",
        "",
        "",
        "",
        "/",
        "/.",
        "/free/..",
        "/free/%2e%2e",
        "/*",
        "/?",
        "/%00",
        "/aaaaaaaaaaaaaaaaaaaaaaaaaa",
        &format!("/{seal}"),
        "http://shop",
    ];
    let start = start[chance.below(start.len())];
    let end = chance.one(&["", "", "", "", "/", "%00", "?", "?x=1", "#", ";a", "%20", ".", "/."]);
    format!("{start}{text}{end}").replace(|c: char| !c.is_ascii_graphic(), "%20")
}

/// What one connection is answered to a request, whole.
struct Line(BufReader<TcpStream>);

impl Line {
    async fn to(shop: &Shop) -> Self {
        Line(BufReader::new(TcpStream::connect(shop.edge.address()).await.expect("the edge")))
    }

    /// The answer; `None` if the connection ended.
    async fn ask(&mut self, target: &str) -> Option<Vec<u8>> {
        let request = format!("GET {target} HTTP/1.1\r\nhost: shop\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).await.ok()?;
        let (mut answer, mut length) = (Vec::new(), 0);
        loop {
            let start = answer.len();
            if self.0.read_until(b'\n', &mut answer).await.ok()? == 0 {
                return None;
            }
            let line = String::from_utf8_lossy(&answer[start..]).to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
            if line == "\r\n" {
                break;
            }
        }
        let start = answer.len();
        answer.resize(start + length, 0);
        self.0.read_exact(&mut answer[start..]).await.ok()?;
        Some(answer)
    }
}

/// How many spellings were answered with the bytes of something, of so many.
async fn found(site: Site, hole: Hole, count: usize) -> (usize, usize) {
    let pages = tempfile::tempdir().expect("a folder");
    let shop = Shop::of(site, |options| hole.make(options, pages.path())).await;
    let mut contents = [REPORT, DATASET].map(published).to_vec();
    if hole == Hole::NoFunction {
        // Elsewhere the function gives it away.
        contents.push(published(FREE));
    }
    let paths = [REPORT, REPORT, DATASET, FREE, "/"];
    let (mut chance, mut line, mut hits) = (Chance(count as u64), Line::to(&shop).await, 0);
    for nth in 0..count {
        let target = spelling(paths[nth % paths.len()], &mut chance);
        let answer = match line.ask(&target).await {
            Some(answer) => answer,
            None => {
                line = Line::to(&shop).await;
                continue;
            }
        };
        // A part of each object that no other text has.
        let has = |content: &Vec<u8>| {
            let part = &content[content.len() / 2..][..(content.len() / 2).min(24)];
            answer.windows(part.len()).any(|window| window == part)
        };
        hits += usize::from(contents.iter().any(has));
    }
    shop.edge.stop().await;
    (hits, count)
}

#[tokio::test]
async fn without_the_function_no_spelling_reaches_a_sealed_object() {
    let count = env::var("SPELLINGS").map_or(3_000, |count| count.parse().expect("a number"));
    for hole in Hole::ALL {
        let (hits, tried) = found(Site::Open, hole, count).await;
        println!("{hole:?}: open, {hits} of {tried} spellings are answered with content");
        assert!(hits > tried / 100, "{hole:?}: an open site shows {hits} of {tried}");
        let (hits, tried) = found(Site::Sealed, hole, count).await;
        println!("{hole:?}: sealed, {hits} of {tried}");
        assert_eq!(hits, 0, "{hole:?}");
    }
}
