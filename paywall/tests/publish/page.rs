//! The page's files: published with the content, gzipped, and kept for ever under their names.

use crate::server::Server;
use crate::shop::Shop;

const FOREVER: &str = "public, max-age=31536000, immutable";

fn shop() -> Shop {
    let shop = Shop::new();
    let text = std::fs::read_to_string(shop.config()).unwrap();
    std::fs::write(shop.config(), text.replace("page = false\n", "")).unwrap();
    shop.write("a.txt", "a");
    shop
}

#[tokio::test]
async fn they_are_stored_as_the_page_asks_for_them() {
    let (server, shop) = (Server::start().await, shop());
    shop.publish(&server, &[]).await.well();
    let table = shop.table();
    let template = table.table().site.page.clone().unwrap();
    let files = table.page_files();
    assert_eq!((files.len(), server.keys().await.len()), (2, 3));
    for file in files {
        let got = server.get(&file.key).await;
        assert_eq!((got.status, &*got.content_type), (200, file.mime_type), "{}", file.key);
        assert_eq!((&*got.content_encoding, &*got.cache_control), ("gzip", FOREVER));
        assert_eq!(got.bytes, file.body);
        assert_eq!(got.etag, table.listing(&file.key).unwrap().object.etag);
        assert!(template.contains(&*file.key), "{template}");
    }
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("0 to upload"), "{out}");

    // Copied by another tool, a file may have lost its encoding: no browser would read it.
    let key = &*files[0].key;
    server.put(key, &files[0].body).await;
    shop.publish(&server, &[]).await.well();
    let got = server.get(key).await;
    assert_eq!((&*got.content_encoding, &*got.cache_control), ("gzip", FOREVER));
}

#[tokio::test]
async fn another_page_has_other_files_and_the_old_ones_stay_for_who_has_it_open() {
    let (server, shop) = (Server::start().await, shop());
    shop.publish(&server, &[]).await.well();
    let before = shop.table().page_files()[0].key.clone();
    let text = std::fs::read_to_string(shop.config()).unwrap();
    std::fs::write(shop.config(), text + "[page]\naccent = \"#123456\"\n").unwrap();
    let after = shop.table().page_files()[0].key.clone();
    assert_ne!(before, after);
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("1 to upload"), "{out}");
    let keys = server.keys().await;
    assert!(keys.contains(&before.into_owned()) && keys.contains(&after.into_owned()), "{keys:?}");
}
