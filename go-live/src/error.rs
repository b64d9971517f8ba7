//! Why a shop does not go live, and how to go on.

next_step::errors! {
    /// Why nothing was written, or nothing was bought.
    pub enum Error {
        // The change.
        NotToml { why: String } =>
            "content.toml is not TOML: {why}",
            "`paywall check` shows where";
        NoMainToken { id: String } =>
            "{id} is a test token, and no token of the same kind on a main network is known",
            "write the token that is meant in its place in content.toml, or leave it out";
        NoNode { test: String, main: String } =>
            "[rpc] names a node of {test}, and {main} needs another one",
            "--rpc {main}=URL names it; with a key in the URL, write `{main} = {{ secret = true }}` in the place of {test}";
        NoFeePayer { id: String } =>
            "who pays the network's fee for {id} is not known: it is an account of the facilitator's",
            "--fee-payer ACCOUNT: `curl FACILITATOR/supported` shows it as feePayer of the main network";
        NotUsed { option: &'static str, named: String } =>
            "{option} {named}: there is nothing in content.toml that it is for",
            "leave it out; one payee is named for EVM networks and one for Solana, whose tokens have a [[token]]";
        NotSold { config: String, report: String } =>
            "{config} would not be sold for money as it is; nothing was written\n\n{report}",
            "mend what it names; --pay-to, --facilitator and --rpc name who is paid, who settles, and which node is asked";
        NotReady { count: usize } =>
            "{count} of these lines stand in the way; nothing was written",
            "mend them, or accept by its word what is meant, and run it again";
        Changed { config: String } =>
            "{config} was changed by somebody else meanwhile; nothing was written",
            "run it again";
        OtherSite { path: String, why: String } =>
            "{path}: {why}",
            "name the file of this site's secrets with --secrets";
        NotAsked { question: String } =>
            "nobody can be asked here: {question}",
            "--yes says yes to it";
        Declined {} =>
            "nothing was done",
            "run it again when it is meant";
        NoAnswer { why: String } =>
            "the answer cannot be read: {why}",
            "--yes says yes without being asked";

        // The purchase.
        NoKey { variable: String } =>
            "--key-env {variable}: the environment has no such variable",
            "set it to the payer's private key, 64 hex digits";
        BadKey { variable: String, why: String } =>
            "--key-env {variable} holds no key: {why}",
            "a private key has 64 hex digits";
        NotForSale { path: String } =>
            "{path} is not for sale by this content.toml",
            "`paywall list` shows what is";
        Free { path: String } =>
            "{path} is free: buying it shows nothing",
            "name what costs something: `paywall list` shows it";
        NotPayable { path: String } =>
            "{path} is sold on no EVM network, and this buyer pays on those alone",
            "buy it with a wallet of its network";
        MainNetwork { path: String, network: String } =>
            "{path} is sold on {network}, for real money",
            "--main-network {network} pays there, the price that it is sold at";
        NotReached { url: String, why: String } =>
            "{url} gives no answer: {why}",
            "check [site] urls, and that the distribution is deployed: `paywall status`";
        No402 { url: String, status: String } =>
            "{url} answered {status} to a request without a payment; nothing was paid",
            "a priced object answers 402: `paywall status` says what is deployed, `paywall publish` brings it there";
        OtherTerms { url: String, asked: String } =>
            "{url} asks for what content.toml does not: {asked}; nothing was paid",
            "publish and deploy this content.toml first: `paywall publish`, `paywall deploy`";
        NotTaken { said: String } =>
            "the payment was refused: {said}",
            "do as it says; `paywall prove URL` tries the seller without a purchase";
        Unsure { why: String, header: String, url: String } =>
            "{why}\n\nthe payment may have been made, and is good for what it asked. It is this header:\n\n{header}",
            "send the same one again: curl -H 'HEADER' {url}";
        // Listings.
        NotListed {} =>
            "`discovery = false` in [site]: no catalogue is told of what is sold here, and a sale lists nothing",
            "write `discovery = true`, deploy, and run it again";
        RecordForSale { why: String } =>
            "the record of these purchases: {why}",
            "--record FILE names a place beside the content";
        RecordNotOpened { path: String, why: String } =>
            "{path}, where purchases are written down, cannot be opened: {why}",
            "check that you may write to it; --record FILE names another place";
        RecordDamaged { path: String, line: usize, why: String } =>
            "{path}: line {line} is none of this record's: {why}",
            "mend the line; or keep the file elsewhere and begin another with --record FILE: what it names as sent may then \
             be bought twice";
        AtOnce { path: String } =>
            "another run writes to {path}",
            "wait until it has ended";
        NotRecorded { path: String, why: String } =>
            "{path} cannot be written: {why}",
            "make room on the disk, and run it again: it goes on by what is written there";
        StillOpen { url: String, why: String } =>
            "{url}: {why}; the payment may have been made",
            "run it again: it sends the same payment, and signs no other until that one is refused";
        TooDear {} =>
            "these prices add up to more than a token has",
            "look at the prices: `paywall list`";

        BadReceipt { why: String } =>
            "the object came, and its receipt is not right: {why}",
            "look at the payee's account for the payment, and tell the facilitator's operator";
        OtherContent { key: String, why: String } =>
            "what came is not {key} as it is here: {why}",
            "`paywall publish` brings what is here to the bucket";
    }
}
