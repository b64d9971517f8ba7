//! What goes wrong with sales and books, and how to go on.

next_step::errors! {
    /// Why there is no list, or why the books are not closed.
    pub enum Error {
        ContentOfSales { config: String, report: String } =>
            "{report}\n{config} has errors",
            "mend them, or leave --config out and name --bucket and --prefix";
        Remembered { config: String } =>
            "{config} remembers payments in memory, where no list can be made of them",
            "give the function's log with --log FILE, or name a bucket with --bucket";
        NoRecords {} =>
            "no records are named",
            "go to the folder of the content.toml that is deployed, or name it with --config; or name the bucket with --bucket, or the \
             function's log with --log";
        NoPrefix { bucket: String } =>
            "--bucket {bucket}: where in it are the records?",
            "Add --prefix, or --config with a [redemptions]";
        LogNotOpened { log: String, why: String } =>
            "--log {log}: cannot be opened: {why}",
            "check the path; `-` is standard input";
        LogNotRead { log: String, why: String } =>
            "--log {log}: cannot be read: {why}",
            "write the log to a file first, and name that one";
        OtherLog { log: String } =>
            "--log {log}: not one line of the function is in it",
            "`aws logs tail` prints a log group's, and Lambda@Edge has one in each Region where it ran";
        OpenNode { scheme: String, host: String } =>
            "--rpc {scheme}://{host}: what is asked there would travel in the clear",
            "write https://, or http:// for this machine";
        MuteNode { host: String, why: String } =>
            "the node at {host} does not tell its chain: {why}",
            "check the URL of --rpc and its key";
        TwoNodes { network: String, host: String } =>
            "two nodes of {network}, the second at {host}",
            "leave one --rpc out";
        NotLookedUp { why: String } =>
            "the search of the chain broke off: {why}",
            "run it again, or leave --rpc out";
        ListNotWritten { why: String } =>
            "the list cannot be written: {why}",
            "see to it that what reads it stays, or that the disk is not full, and run it again";

        // Books.
        NoTable {} =>
            "the books need the content.toml that is deployed: it names the payees, the tokens and the networks",
            "go to its folder, or name it with --config";
        NoNode { networks: String } =>
            "no --rpc is a node of a network that is sold for ({networks}), so there is nothing to hold the sales against",
            "name a node's JSON-RPC URL with --rpc; `paywall sales` lists what the records say alone";
        NotAPayee { text: String } =>
            "--payee {text}: not an address",
            "write 0x and 40 hexadecimal digits";
        Backwards { from: String, to: String } =>
            "--from {from} is later than --to {to}",
            "turn them round";
        ChainNotRead { network: String, why: String } =>
            "{network} is not booked: {why}",
            "run it again; if it stays so, name another node with --rpc. Nothing is booked past it";
        NoSuchPayment { payment: String, why: String } =>
            "--for {payment}: {why}",
            "`paywall refunds` names the payments that are owed";
        NotPaid { payment: String } =>
            "--for {payment}: the chain does not show that it was paid, so nothing is owed for it",
            "look at `paywall sales`; if you know the transaction that paid it, name it with --paid";
        NotOwed { payment: String, what: String } =>
            "--for {payment}: it is not owed: {what}",
            "`paywall refunds` lists what is";
        NotARefund { transaction: String, why: String } =>
            "{transaction} pays nothing back for this payment: {why}",
            "name the transaction that did, once it is as deep as `confirmations` wants";
        RefundedBefore { payment: String, transaction: String } =>
            "{payment} was paid back by {transaction} before",
            "nothing more is owed for it; if both were sent, ask its payer for one";
        SpentOnOther { transaction: String, payment: String } =>
            "{transaction} paid back {payment}, and one transaction pays back one payment",
            "name the transaction that paid this one back";
        ServedMeanwhile { payment: String } =>
            "{payment} was granted meanwhile: its payer has what it bought, and the refund",
            "nothing is recorded, and it stays a sale: what was sent is between you and the payer";
        Moving { place: String } =>
            "{place} is being written by others",
            "run it again";
        NoPlan { why: String } =>
            "the plan of the books cannot be used: {why}",
            "`paywall books --plan` writes it anew";
        NotKept { place: String, why: String } =>
            "{place} cannot be read: {why}",
            "restore it (the bucket may keep versions), or delete all of that folder and begin anew with --from: the days of records \
             that are gone are then counted as not ours";
        KeptByOther { place: String } =>
            "{place} was written by another run of the books meanwhile",
            "run it again: each goes on where the other stopped";
        NotBooked { why: String } =>
            "the ledger and the chain differ by a mistake of this program: {why}",
            "keep the output, and report it";
    }
}
