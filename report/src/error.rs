//! Why there is no report, and how to go on.

next_step::errors! {
    /// Why there is no report.
    pub enum Error {
        NoLedger { place: String } =>
            "{place}: no file of the ledger is there",
            "`paywall books --format parquet --output FOLDER` writes a file a day, and the bookkeeper keeps them in the records' bucket: \
             `aws s3 cp --recursive`";
        LedgerNotRead { file: String, why: String } =>
            "{file}: is no file of the ledger: {why}",
            "name files that `paywall books` wrote";
        LogNotRead { log: String, why: String } =>
            "--log {log}: cannot be read: {why}",
            "check the path; `-` is standard input";
        OtherLog { log: String } =>
            "--log {log}: not one line of the function is in it",
            "`aws logs tail` prints a log group's, and Lambda@Edge has one in each Region where it ran";
        Backwards { from: String, to: String } =>
            "--from {from} is after --to {to}",
            "write the first day first";
        NotWritten { place: String, why: String } =>
            "{place}: the report cannot be written: {why}",
            "see to it that the folder is there and the disk is not full";
    }
}
