use super::*;

fn said(text: &str) -> String {
    Words::said(text).as_str().to_owned()
}

#[test]
fn words_and_codes_stay() {
    for text in [
        "HTTP 400, invalid_exact_evm_payload_authorization_valid_before",
        "HTTP 503, not a JSON object",
        "the node refuses eth_getLogs: -32005 query returned more than 10000 results",
        "the node of eip155:84532 is of chain 11155111",
        "timeout: global",
        "SSM parameter /x402/my-shop/secrets in us-east-1: 400 ParameterNotFound: make it",
        "403 AccessDenied: check the bucket, its Region, and that the function's role has s3:GetObject",
        "unknown_error, whose reason cannot be seen without a node",
        "FiatTokenV2: authorization is used or canceled",
        "transferWithAuthorization reverted: ERC20: transfer amount exceeds balance",
        "INSUFFICIENT_FUNDS, UNAUTHORIZED (401)",
        "its secret was refused: renew it, and build or deploy again",
        "`check --online` compares",
    ] {
        assert_eq!(said(text), text);
    }
}

#[test]
fn what_is_no_word_does_not() {
    for (text, left) in [
        ("bad token sk_live_4eC39HqLyjWDarjtT1zdp7dc here", "bad token … here"),
        ("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "…"),
        ("https://node.example/v2/AbC1dEf2?key=x", "https:…"),
        ("a2b3c4 d5e6f7 g8h9", "…"),
        ("abcdefghijklmnopqrstuvwxyz", "…"),
        ("abcdefghijkl", "…"),
        ("é\u{7}\nno\u{1b}[31m", " no […"),
        ("", ""),
        ("call data [27, 145, 3, 9, 200, 77, 65] of 2", "call data [27, 145, 3, 9, …, …, …] of 2"),
        ("27 145 3 9 200 77", "27 145 3 9 …"),
        ("a%2Fb+c=", "…"),
        ("ey.J0.eXAi", "…"),
        ("\"signature\":\"0x12ab\"", "'signature':'…'"),
        ("back\\slash", "…"),
        ("QxYzAbCdEfGh", "…"),
    ] {
        assert_eq!(said(text), left, "{text}");
    }
}

#[test]
fn they_are_short_and_plain_however_much_is_said() {
    for text in
        ["word ".repeat(100_000), "é".repeat(100_000), "a1b2 ".repeat(100_000), "x".repeat(100_000)]
    {
        let words = Words::said(&text);
        assert!(words.len() <= WORDS_BYTES, "{}", words.len());
        assert_eq!(crate::json::text(&words).len(), words.len() + 2, "nothing in it is escaped");
    }
    assert_eq!(said(&said("a bad 0x12ab34 thing")), "a bad … thing");
}

#[test]
fn a_place_of_the_table_stays() {
    let words = Words::at("https://facilitator.ultravioletadao.xyz", "HTTP 401, 0x12ab34cd");
    assert_eq!(words, "https://facilitator.ultravioletadao.xyz: HTTP 401, …");
}

#[test]
fn in_ascii() {
    assert_eq!(Words::said("a bad 0x12ab34cd56ef thing").ascii(), "a bad ... thing");
    assert_eq!(Words::from("é").ascii(), "?");
}
