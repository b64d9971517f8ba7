//! Why there is no report, and how to go on.

next_step::errors! {
    /// Why a seller cannot be tried.
    pub enum Error {
        NotAUrl { url: String, why: String } =>
            "{url:?} is no URL that can be asked: {why}",
            "name what is for sale in full: https://shop.example/reports/a.json";
        OtherSeller { other: String, origin: String } =>
            "--other {other:?} is not at {origin}",
            "name another priced URL of the same seller, at the same price";
        Unreachable { url: String, why: String } =>
            "{url} gives no answer: {why}",
            "check the address, and that the seller runs";
        NotForSale { url: String, status: u16 } =>
            "{url} answered {status} to a request without a payment, and what is tried here begins with a 402",
            "name a URL that costs something";
        NoKey { variable: String } =>
            "--key-env {variable}: the environment has no such variable",
            "set it to the payer's private key, 64 hex digits; or leave it out: then nothing is bought";
        KeyNotRead { path: String, why: String } =>
            "--key-file {path}: cannot be read: {why}",
            "check the path; or leave it out: then nothing is bought";
        BadKey { why: String } =>
            "the payer's key is none: {why}",
            "it has 64 hex digits";
        NoRandomness { why: String } =>
            "the system gives no random bytes: {why}",
            "run it on a system that has them";
        MainNetwork { network: String } =>
            "a key is named, and the seller takes payments on {network} alone, which is no test network",
            "--main-network {network} pays there, in real money, up to three times the price; without a key nothing is \
             bought";
        NotWritten { path: String, why: String } =>
            "cannot write {path}: {why}",
            "check that its folder is there, that you may write to it, and that the disk is not full";
    }
}
