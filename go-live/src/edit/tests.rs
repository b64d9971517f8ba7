use super::*;

const PAYEE: &str = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";
const SOLANA: &str = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin";
const FEE_PAYER: &str = "2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4";

const SHOP: &str = r#"# A shop.
[site]   # odd spaces
id = "shop"

[payment]
# Who is paid.
pay_to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" # mine
accept = [ "base-sepolia/usdc",  # first
  "polygon-amoy/usdc" ]
facilitators = ["https://www.x402.org/facilitator"] # settles

[rpc]
# the node
base-sepolia = { url = "https://sepolia.example", second = "https://other.example", confirmations = 3 } # a node
polygon-amoy = { secret = true }

[[rule]]
path = "**"
price = "0.01"  # a cent
"#;

fn wish() -> Wish {
    Wish {
        pay_to: vec![PAYEE.to_owned()],
        facilitator: Some(("https://pay.example".to_owned(), Auth::Bearer)),
        fee_payer: None,
        nodes: [("eip155:8453".to_owned(), "https://base.example".to_owned())].into(),
    }
}

fn text(before: &str, wish: &Wish) -> String {
    let after = edit(before, wish).unwrap().text;
    assert_eq!(edit(&after, wish).unwrap().text, after, "a second time there is nothing to change");
    let again = edit(&after, &Wish::default()).unwrap().text;
    assert_eq!(again, after, "nor without naming anything");
    after
}

#[test]
fn comments_and_layout_stay() {
    let expected = SHOP
        .replace("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", PAYEE)
        .replace("\"base-sepolia/usdc\"", "\"base/usdc\"")
        .replace("\"polygon-amoy/usdc\"", "\"polygon/usdc\"")
        .replace(
            "[\"https://www.x402.org/facilitator\"]",
            "[{ url = \"https://pay.example\", auth = \"bearer\" }]",
        )
        .replace(
            "base-sepolia = { url = \"https://sepolia.example\", second = \"https://other.example\", confirmations = 3 }",
            "base = { url = \"https://base.example\" }",
        )
        .replace("polygon-amoy = {", "polygon = {");
    assert_eq!(text(SHOP, &wish()), expected);
}

#[test]
fn what_takes_money_already_stays_as_it_is() {
    let shop = "[payment]\npay_to='0x209693Bc6afc0C5328bA36FaF03C514EF312287C'\naccept = ['base/usdc']\n\
                facilitators = [{url='https://pay.example', auth='bearer', dialect='reference'}]\n";
    assert_eq!(text(shop, &wish()), shop);
}

#[test]
fn tokens_that_would_be_named_twice_are_named_once() {
    let shop = "[payment]\naccept = [\"base/usdc\", \"base-sepolia/usdc\"]\n";
    assert_eq!(text(shop, &Wish::default()), "[payment]\naccept = [\"base/usdc\"]\n");
    let shop = "[payment]\naccept = [\"base-sepolia/usdc\", \"eip155:84532/usdc\"]\n";
    assert_eq!(text(shop, &Wish::default()), "[payment]\naccept = [\"base/usdc\"]\n");
}

/// An author who is paid by a rule of their own is not robbed of it.
#[test]
fn rules_keep_the_payees_that_somebody_chose() {
    let author = "0x3304E22DDaa22bCdC5fCa2269b418046aE7b566A";
    let shop = format!(
        "[payment]\naccept = [\"base-sepolia/usdc\"]\npay_to = \"{PAYEE}\"\n\
         [[rule]]\npath = \"a\"\npay_to = \"{author}\"\n\
         [[rule]]\npath = \"b\"\npay_to = \"{}\"\nfacilitators = [\"https://test.example\"]\n\
         [[rule]]\npath = \"c\"\naccept = [\"base/usdc\"]\nfacilitators = [\"https://main.example\"]\n",
        TEST_ACCOUNTS[0]
    );
    let edited = edit(&shop, &wish()).unwrap();
    let rules: DocumentMut = edited.text.parse().unwrap();
    assert_eq!(rules["rule"][0]["pay_to"].as_str(), Some(author));
    assert_eq!(rules["rule"][1]["pay_to"].as_str(), Some(PAYEE));
    assert!(edited.text.contains("https://main.example"), "{}", edited.text);
    assert!(!edited.text.contains("https://test.example"), "{}", edited.text);
    assert_eq!(edited.payees, [PAYEE, author]);
}

#[test]
fn on_solana() {
    let shop = format!(
        "[payment]\naccept = [\"solana-devnet/usdc\"]\nfacilitators = [\"https://test.example\"]\n\
         [[token]]\nid = \"solana-devnet/usdc\" # the token\npay_to = \"{FEE_PAYER}\"\n\
         extra = {{ feePayer = \"{SOLANA}\" }}\n"
    );
    let mut wish = Wish { pay_to: vec![SOLANA.to_owned()], ..Wish::default() };
    let told = edit(&shop, &wish).unwrap_err();
    assert!(matches!(told, Error::NoFeePayer { .. }), "{told}");
    wish.fee_payer = Some(FEE_PAYER.to_owned());
    let expected = shop
        .replace("solana-devnet", "solana")
        .replace(&format!("pay_to = \"{FEE_PAYER}\""), &format!("pay_to = \"{SOLANA}\""))
        .replace(&format!("feePayer = \"{SOLANA}\""), &format!("feePayer = \"{FEE_PAYER}\""));
    assert_eq!(text(&shop, &wish), expected);
}

#[test]
fn a_node_in_a_table_of_its_own() {
    let shop = "[rpc.base-sepolia]\n# where\nurl = \"https://a.example\"\n\n[rpc.ethereum]\nurl = \"https://b.example\"\n";
    let expected = shop.replace("base-sepolia", "base").replace("https://a.", "https://base.");
    let wish = Wish { nodes: wish().nodes, ..Wish::default() };
    assert_eq!(text(shop, &wish), expected);
}

#[test]
fn a_secret_url_is_not_written_down() {
    let shop =
        "[payment]\naccept = [\"base-sepolia/usdc\"]\n[rpc]\nbase-sepolia = { secret = true }\n";
    let wish = Wish { nodes: wish().nodes, ..Wish::default() };
    assert_eq!(text(shop, &wish), shop.replace("base-sepolia", "base"));
}

#[test]
fn what_is_named_for_nothing_is_told() {
    let shop = "[payment]\naccept = [\"base-sepolia/usdc\"]\n";
    let two = vec![PAYEE.to_owned(), TEST_ACCOUNTS[0].to_owned()];
    for wish in [
        Wish { pay_to: vec![SOLANA.to_owned()], ..Wish::default() },
        Wish { pay_to: two, ..Wish::default() },
        Wish { fee_payer: Some(FEE_PAYER.to_owned()), ..Wish::default() },
    ] {
        assert!(matches!(edit(shop, &wish).unwrap_err(), Error::NotUsed { .. }));
    }
}

#[test]
fn nothing_is_guessed() {
    let of = |shop: &str| edit(shop, &Wish::default()).unwrap_err();
    let doge = "[payment]\naccept = [\"base-sepolia/doge\"]\n";
    assert!(matches!(of(doge), Error::NoMainToken { .. }));
    let skale = "[[rule]]\naccept = [\"skale-base-sepolia/usdc\"]\n";
    assert!(matches!(of(skale), Error::NoMainToken { .. }));
    let token = "[[token]]\nid = \"base-sepolia/doge\"\n";
    assert!(matches!(of(token), Error::NoMainToken { .. }));
    assert!(matches!(of(SHOP), Error::NoNode { .. }));
    assert!(matches!(of("[site\n"), Error::NotToml { .. }));
}
