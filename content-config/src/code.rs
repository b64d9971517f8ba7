//! Every kind of problem, in one list.

use std::fmt;

/// Whether a problem stands in the way of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// No table is made.
    Error,
    /// The table is made; the seller should know.
    Warning,
}

macro_rules! codes {
    ($($severity:ident { $($(#[$doc:meta])* $code:ident = $name:literal,)* })*) => {
        /// The kind of a problem, with a stable name for scripts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($($(#[$doc])* $code,)*)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$($(Code::$code,)*)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $($(Code::$code => $name,)*)* }
            }

            /// Whether it stands in the way of a table.
            pub fn severity(self) -> Severity {
                match self { $($(Code::$code)|* => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    Error {
        /// A file or folder cannot be read.
        Unreadable = "unreadable",
        /// Not TOML.
        Syntax = "syntax",
        /// A key that means nothing.
        UnknownKey = "unknown-key",
        /// A key that has no meaning on this kind of network.
        MisplacedKey = "misplaced-key",
        /// A key that must be there is not.
        MissingKey = "missing-key",
        /// Text where a number should be, for example.
        WrongType = "wrong-type",
        /// Not one of the words that this key takes.
        BadWord = "bad-word",
        /// A number outside its bounds.
        OutOfRange = "out-of-range",
        /// The same thing twice.
        Duplicate = "duplicate",
        /// Not a URL of the kind that is wanted.
        BadUrl = "bad-url",
        /// A site id of other letters, or too long.
        BadSiteId = "bad-site-id",
        /// Plain http to another machine.
        InsecureUrl = "insecure-url",
        /// Not an address, or its checksum is wrong.
        BadAddress = "bad-address",
        /// On a main network, a payee whose key everybody has.
        TestPayee = "test-payee",
        /// The payee is the token's contract: money sent there is lost.
        PayeeIsToken = "payee-is-token",
        /// Not a network that this crate knows.
        UnknownNetwork = "unknown-network",
        /// Not a token that this crate knows.
        UnknownToken = "unknown-token",
        /// A token whose EIP-712 name the seller must state.
        DisputedToken = "disputed-token",
        /// A token that EIP-3009 payments do not work with.
        Permit2Token = "permit2-token",
        /// A stated token contradicts what is known about it.
        TokenContradiction = "token-contradiction",
        /// The tokens of one rule count in different currencies.
        MixedCurrencies = "mixed-currencies",
        /// Not a price.
        BadPrice = "bad-price",
        /// A time without an offset, or that no clock of seconds shows.
        BadTime = "bad-time",
        /// A price of 0 without `free`.
        ZeroPrice = "zero-price",
        /// More decimals than the token has.
        PriceTooPrecise = "price-too-precise",
        /// More atomic units than fit.
        PriceTooBig = "price-too-big",
        /// A rule that is free and has terms of payment.
        FreeWithTerms = "free-with-terms",
        /// More than buyers' libraries or catalogues take of a name, a tag, an icon or a description.
        BadListing = "bad-listing",
        /// A sample that cannot stand in a 402.
        BadSample = "bad-sample",
        /// What the page for browsers cannot show, or where its files cannot be.
        BadPage = "bad-page",
        /// Not one in so many.
        BadRate = "bad-rate",
        /// The page for browsers is over its cap.
        PageTooBig = "page-too-big",
        /// Not a MIME type.
        BadMimeType = "bad-mime-type",
        /// A pattern that no key can have.
        BadPattern = "bad-pattern",
        /// A rule that matches no object.
        RuleMatchesNothing = "rule-matches-nothing",
        /// Every object that the rule matches is won by more specific rules.
        RuleShadowed = "rule-shadowed",
        /// Two equally specific rules match one object.
        RulesTie = "rules-tie",
        /// An object that no rule covers.
        ObjectWithoutRule = "object-without-rule",
        /// A file or key that cannot be sold.
        BadObject = "bad-object",
        /// A symbolic link that leaves the content folder or goes in circles.
        BadSymlink = "bad-symlink",
        /// A line of the manifest that is not an object.
        BadManifestLine = "bad-manifest-line",
        /// Nothing to sell.
        NoObjects = "no-objects",
        /// `default_root_object` is not an object.
        MissingRootObject = "missing-root-object",
        /// A store that remembers sales, and no way to find out what became of one.
        UnresolvedSales = "unresolved-sales",
        /// A bucket name, Region or prefix that S3 does not take.
        BadBucket = "bad-bucket",
        /// Access that outlives its record.
        ForgottenAccess = "forgotten-access",
        /// More than a facilitator takes, or less.
        FacilitatorLimit = "facilitator-limit",
        /// The challenge's header, or the whole 402, is over its cap.
        ChallengeTooBig = "challenge-too-big",
        /// Payments that stand alone, for access that is shared by payer.
        IndependentAccess = "independent-access",
        /// One facilitator, and two ways to read its answers or to prove who asks.
        FacilitatorContradiction = "facilitator-contradiction",
        /// A facilitator's code that cannot be one, or too many of them.
        BadRefusal = "bad-refusal",
        /// More rules or MIME types than a table holds.
        TooMany = "too-many",
    }
    Warning {
        /// Python's x402 v1 client cannot read the 402's body.
        PythonV1CannotPay = "python-v1-cannot-pay",
        /// x402 v1 clients cannot pay.
        V1CannotPay = "v1-cannot-pay",
        /// An RPC endpoint of a network that no rule accepts.
        UnusedRpc = "unused-rpc",
        /// A key whose letters are written in parts, as some file systems keep names.
        DecomposedKey = "decomposed-key",
        /// Payments of one payer that do not wait for each other.
        IndependentPurchases = "independent-purchases",
        /// A next price that has become the price.
        PriceHasChanged = "price-has-changed",
        /// A dry run whose end has come.
        DryRunOver = "dry-run-over",
        /// A rule without a description, which catalogues search and show.
        NoDescription = "no-description",
        /// A file of the seller's own in the place of a document for agents.
        OwnDocument = "own-document",
        /// A facilitator for test networks on a main network.
        TestFacilitator = "test-facilitator",
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
