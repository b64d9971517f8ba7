//! One object, bought of `paywall dev`, which is where strangers would buy it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use edge_local::buyer::ANVIL_KEY;

use crate::shop::{PAYEE, Told, paywall};

/// `paywall dev`, which ends with the test.
pub struct Dev(Child);

impl Dev {
    /// Starts it in this folder; also where it sells.
    pub fn start(shop: &Path) -> (Dev, String) {
        let mut dev = paywall(shop, &["dev", "--listen", "127.0.0.1:0"]);
        let mut dev = Dev(dev.stdout(Stdio::piped()).spawn().unwrap());
        let url = origin(&mut dev);
        (dev, url)
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Where it sells.
fn origin(dev: &mut Dev) -> String {
    let lines = BufReader::new(dev.0.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    let lines: Vec<_> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
    let url = lines.iter().flat_map(|line| line.split(' ')).find(|word| word.contains("/a.txt"));
    let url = url.unwrap_or_else(|| panic!("{lines:?}"));
    url.strip_suffix("/a.txt").unwrap().to_owned()
}

pub fn text(url: &str, accept: &str, pay_to: &str) -> String {
    format!(
        "[site]\nid = \"shop\"\ndiscovery = false\nurls = [\"{url}\"]\ncontent = \"content\"\n\
         [payment]\npay_to = \"{pay_to}\"\naccept = [\"{accept}\"]\n\
         facilitators = [\"https://pay.example\"]\n\
         [[rule]]\npath = \"a.txt\"\nprice = \"0.01\"\n[[rule]]\npath = \"b.txt\"\nfree = true\n"
    )
}

fn buy(folder: &Path, more: &[&str]) -> Told {
    let words = [&["go-live", "--key-env", "PAYER", "--yes", "--buy"][..], more].concat();
    Told::of(paywall(folder, &words).env("PAYER", ANVIL_KEY).output().unwrap())
}

#[test]
fn what_is_sold_is_bought_and_real_money_is_spent_by_name_alone() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::create_dir(shop.join("content")).unwrap();
    fs::write(shop.join("content/a.txt"), "worth a cent").unwrap();
    fs::write(shop.join("content/b.txt"), "free").unwrap();
    let config = shop.join("content.toml");
    fs::write(&config, text("http://127.0.0.1:8402", "base-sepolia/usdc", PAYEE)).unwrap();
    let (_dev, url) = Dev::start(shop);
    let sells = |accept: &str, pay_to: &str| {
        fs::write(&config, text(&url, accept, pay_to)).unwrap();
    };

    sells("base-sepolia/usdc", PAYEE);
    let bought = buy(shop, &["a.txt"]);
    assert!(bought.done, "{}{}", bought.out, bought.errors);
    for said in
        ["costs        $0.01", "in test money", "transaction  0x", "12 bytes, as they are here"]
    {
        assert!(bought.out.contains(said), "{said}: {}", bought.out);
    }
    assert!(buy(shop, &["/a.txt"]).done, "by its path as well");

    // What does not come as it is here.
    fs::write(shop.join("content/a.txt"), "worth 2 cent").unwrap();
    let other = buy(shop, &["a.txt"]);
    assert!(!other.done, "{}", other.out);
    assert!(other.errors.contains("not a.txt as it is here: other bytes"), "{}", other.errors);
    fs::write(shop.join("content/a.txt"), "worth a cent").unwrap();

    sells("base-sepolia/usdc", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");
    let asked = buy(shop, &["a.txt"]);
    assert!(
        !asked.done && asked.errors.contains("asks for what content.toml does not"),
        "{}",
        asked.errors
    );

    sells("base/usdc", PAYEE);
    let main = buy(shop, &["a.txt"]);
    assert!(
        !main.done && main.errors.contains("--main-network eip155:8453 pays there"),
        "{}",
        main.errors
    );
    assert!(!buy(shop, &["a.txt", "--main-network", "eip155:1"]).done);
    // Named, it is asked of a seller who sells for test money: no main network is paid here.
    let named = buy(shop, &["a.txt", "--main-network", "eip155:8453"]);
    assert!(!named.done && named.errors.contains("nothing was paid"), "{}", named.errors);

    for (path, why) in [("b.txt", "is free"), ("c.txt", "is not for sale")] {
        let told = buy(shop, &[path]);
        assert!(!told.done && told.errors.contains(why), "{}", told.errors);
    }
    for told in [&asked, &main, &named] {
        assert!(!told.out.contains("transaction  0x") && !told.errors.contains(&ANVIL_KEY[2..]));
    }
}

#[test]
fn keys_are_named_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::create_dir(shop.join("content")).unwrap();
    fs::write(shop.join("content/a.txt"), "a").unwrap();
    fs::write(shop.join("content/b.txt"), "b").unwrap();
    fs::write(shop.join("content.toml"), text("http://127.0.0.1:1", "base-sepolia/usdc", PAYEE))
        .unwrap();
    let words = ["go-live", "--buy", "a.txt", "--yes", "--key-env", "PAYER"];
    let run = |key: Option<&str>| {
        let mut command = paywall(shop, &words);
        command.env_remove("PAYER");
        command.envs(key.map(|key| ("PAYER", key)));
        Told::of(command.output().unwrap())
    };
    assert!(run(None).errors.contains("no such variable"));
    let bad = run(Some("hunter2"));
    assert!(
        bad.errors.contains("64 hex digits") && !bad.errors.contains("hunter2"),
        "{}",
        bad.errors
    );
    let nobody = run(Some(ANVIL_KEY));
    assert!(nobody.errors.contains("gives no answer"), "{}", nobody.errors);
    let unnamed = Told::of(paywall(shop, &words[..3]).output().unwrap());
    assert!(!unnamed.done && unnamed.errors.contains("--key-env"), "{}", unnamed.errors);
}
