//! What is written, and when nothing is.

use crate::server::TOKEN;
use crate::shop::{PAYEE, Shop, TEXT};

#[test]
fn from_test_money_to_money_and_then_nothing_is_left_to_change() {
    let shop = Shop::new();
    let first = shop.run();
    assert!(first.done, "{}{}", first.out, first.errors);
    for verdict in ["wrong", "not checked", "warning"] {
        assert_eq!(first.lines(verdict), [""; 0], "{}", first.out);
    }
    assert!(first.out.contains("takes its key"), "{}", first.out);
    assert!(
        first.out.contains("\n-accept = [\"base-sepolia/usdc\"]   # dollars\n"),
        "{}",
        first.out
    );
    assert!(first.out.contains("\n+accept = [\"base/usdc\"]   # dollars\n"), "{}", first.out);
    let expected = TEXT
        .replace("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", PAYEE)
        .replace("\"base-sepolia/usdc\"", "\"base/usdc\"")
        .replace(
            "\"https://www.x402.org/facilitator\"",
            &format!("{{ url = \"{}\", auth = \"bearer\" }}", shop.facilitator),
        )
        .replace("base-sepolia = ", "base = ")
        .replace("https://sepolia.node.example", &shop.node);
    assert_eq!(shop.now(), expected);
    assert!(!format!("{}{}", first.out, first.errors).contains(TOKEN));

    let second = shop.again();
    assert!(second.done && second.out.contains("there is nothing to change"), "{}", second.out);
    assert_eq!(shop.now(), expected);
}

#[test]
fn nothing_is_written_unless_it_is_meant() {
    let mut shop = Shop::new();
    shop.more = vec!["--dry-run".to_owned()];
    let shown = shop.run();
    assert!(shown.done && shown.out.contains("+accept = [\"base/usdc\"]"), "{}", shown.out);
    assert_eq!(shop.now(), TEXT);
    shop.more.clear();
    let asked = shop.run();
    assert!(!asked.done && asked.errors.contains("--yes"), "{}", asked.errors);
    assert_eq!(shop.now(), TEXT);
}

#[test]
fn what_would_not_compile_is_told_and_not_written() {
    let mut shop = Shop::new();
    shop.text = TEXT.replace("price = \"0.01\"", "price = \"0.0000001\"");
    let told = shop.run();
    assert!(!told.done && told.errors.contains("price-too-precise"), "{}", told.errors);
    assert!(told.errors.contains("nothing was written"), "{}", told.errors);
    assert_eq!(shop.now(), shop.text);
}
