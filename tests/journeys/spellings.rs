//! Odd spellings of paths, byte by byte over a socket.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::shop::{REPORT, Shop, published};

/// The status line's code and the whole answer.
async fn raw(shop: &Shop, target: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(shop.edge.address()).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await.unwrap();
    let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    (status, answer)
}

#[tokio::test]
async fn no_spelling_reaches_priced_content_unpaid() {
    let shop = Shop::open().await;
    let content = published(REPORT);
    let key = &REPORT[1..];
    for target in [
        format!("//{key}"),
        format!("/./{key}"),
        format!("/free/../{key}"),
        format!("/free/%2e%2e/{key}"),
        format!("/free%2f..%2f{key}"),
        format!("/free/..%5c..%5c{key}"),
        format!("/{}", key.replacen('/', "%2f", 1)),
        format!("/{}", key.replacen('/', "\\", 1)),
        format!("/{}", key.replacen('r', "%72", 1)),
        format!("/{}", key.replacen('r', "%2572", 1)),
        format!("/{}", key.replacen('/', "%c0%af", 1)),
        format!("/{key}%00"),
        format!("/{key}/"),
        format!("/{key}?free=1"),
        format!("/{key};a=b"),
        format!("/{key}%3f"),
        format!("/{}", key.to_uppercase()),
        format!("http://shop/{key}"),
    ] {
        let (status, answer) = raw(&shop, &target).await;
        assert!(matches!(status, 400 | 402 | 403 | 404), "{target}: {status}");
        assert!(!answer.windows(content.len()).any(|window| window == content), "{target}");
    }
}

#[tokio::test]
async fn a_name_with_spaces_and_signs_is_sold_under_every_right_spelling() {
    let shop = Shop::open().await;
    let odd = std::fs::read_dir(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../content-config/sample/content/notes"),
    )
    .unwrap()
    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
    .find(|name| name.contains('+') && name.contains(' '))
    .expect("the sample has a name with a space and a plus sign");
    let path = format!("/notes/{odd}");
    let encode = |form: fn(u8) -> String| {
        odd.bytes().fold("/notes/".to_owned(), |path, byte| path + &form(byte))
    };
    for spelling in [encode(|byte| format!("%{byte:02X}")), encode(|byte| format!("%{byte:02x}"))] {
        let payment = shop.sign(&spelling).await;
        shop.pay(&spelling, &payment).await.is_sold(&path);
    }
}
