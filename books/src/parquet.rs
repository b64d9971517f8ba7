//! A day's ledger as a Parquet file, and back. The same rows make the same bytes.
//!
//! Amounts stand there twice: as a DECIMAL(38,0) of atomic units, to be summed, and as text, for the few that have more
//! digits. <https://parquet.apache.org/docs/file-format/types/logicaltypes/>

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::{Field, Row as Record};
use parquet::schema::parser::parse_message_type;
use paywall_core::subject::Kind;

use crate::columns::COLUMNS;
use crate::ledger::{Ledger, Posting, RestsOn, Row};

/// The most that a DECIMAL of 38 digits holds.
const MOST: u128 = 10_u128.pow(38) - 1;

/// The version of the file, as its metadata name it.
const VERSION: (&str, &str) = ("x402.books", "1");

/// The schema: what is text in every format, and besides what databases count with.
const SCHEMA: &str = "
message books {
  REQUIRED INT32 day (DATE);
  REQUIRED INT64 moment (TIMESTAMP(MILLIS, true));
  OPTIONAL BYTE_ARRAY debit (UTF8);
  OPTIONAL BYTE_ARRAY credit (UTF8);
  OPTIONAL BYTE_ARRAY posting (UTF8);
  OPTIONAL BYTE_ARRAY restsOn (UTF8);
  OPTIONAL BYTE_ARRAY network (UTF8);
  OPTIONAL BYTE_ARRAY asset (UTF8);
  OPTIONAL BYTE_ARRAY token (UTF8);
  OPTIONAL INT32 decimals;
  OPTIONAL BYTE_ARRAY amount (UTF8);
  OPTIONAL BYTE_ARRAY atomicAmount (UTF8);
  OPTIONAL FIXED_LEN_BYTE_ARRAY(16) atomic (DECIMAL(38,0));
  OPTIONAL BYTE_ARRAY payer (UTF8);
  OPTIONAL BYTE_ARRAY payee (UTF8);
  OPTIONAL BYTE_ARRAY transaction (UTF8);
  OPTIONAL INT64 block;
  OPTIONAL INT64 logIndex;
  OPTIONAL BYTE_ARRAY payment (UTF8);
  OPTIONAL BYTE_ARRAY site (UTF8);
  OPTIONAL BYTE_ARRAY kind (UTF8);
  OPTIONAL BYTE_ARRAY name (UTF8);
  OPTIONAL BYTE_ARRAY facilitator (UTF8);
  OPTIONAL BYTE_ARRAY why (UTF8);
  OPTIONAL BYTE_ARRAY means (UTF8);
}";

type Done<T> = Result<T, ParquetError>;

/// Writes a ledger.
///
/// # Errors
///
/// A number is larger than the format's.
pub fn write(ledger: &Ledger) -> Result<Vec<u8>, String> {
    written(&ledger.rows()).map_err(|why| why.to_string())
}

fn written(rows: &[&Row]) -> Done<Vec<u8>> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let version = KeyValue::new(VERSION.0.to_owned(), VERSION.1.to_owned());
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(vec![version]))
        .set_dictionary_enabled(true)
        .set_encoding(Encoding::PLAIN)
        .build();
    let mut bytes = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut bytes, Arc::clone(&schema), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for field in schema.get_fields() {
        column(&mut group, field.name(), rows)?;
    }
    group.close()?;
    file.close()?;
    Ok(bytes)
}

fn column<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    name: &str,
    rows: &[&Row],
) -> Done<()> {
    match name {
        "day" => required::<W, Int32Type>(group, rows, |row| {
            let days = row.day().begins() / 86_400;
            i32::try_from(days).map_err(|_| ParquetError::General(format!("day {}", row.day())))
        }),
        "moment" => required::<W, Int64Type>(group, rows, |row| {
            let milliseconds = row.at.checked_mul(1_000).and_then(|at| i64::try_from(at).ok());
            milliseconds.ok_or_else(|| ParquetError::General(format!("second {}", row.at)))
        }),
        "decimals" => {
            optional::<W, Int32Type>(group, rows, |row| Some(row.token.as_ref()?.1.into()))
        }
        "block" => optional::<W, Int64Type>(group, rows, |row| i64::try_from(row.block?).ok()),
        "logIndex" => optional::<W, Int64Type>(group, rows, |row| i64::try_from(row.index?).ok()),
        "atomic" => optional::<W, FixedLenByteArrayType>(group, rows, |row| {
            (row.amount <= MOST).then(|| {
                FixedLenByteArray::from(ByteArray::from(row.amount.to_be_bytes().to_vec()))
            })
        }),
        name => {
            let (_, value) = COLUMNS
                .iter()
                .find(|(column, _)| *column == name)
                .ok_or_else(|| ParquetError::General(format!("no column is called {name}")))?;
            optional::<W, ByteArrayType>(group, rows, |row| {
                value(row).map(|text| ByteArray::from(text.into_bytes()))
            })
        }
    }
}

fn required<W: Write + Send, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[&Row],
    value: impl Fn(&Row) -> Done<T::T>,
) -> Done<()> {
    let values: Vec<_> = rows.iter().map(|row| value(row)).collect::<Done<_>>()?;
    let mut column = next(group)?;
    column.typed::<T>().write_batch(&values, None, None)?;
    column.close()
}

fn optional<W: Write + Send, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[&Row],
    value: impl Fn(&Row) -> Option<T::T>,
) -> Done<()> {
    let values: Vec<_> = rows.iter().map(|row| value(row)).collect();
    let levels: Vec<i16> = values.iter().map(|value| value.is_some().into()).collect();
    let values: Vec<_> = values.into_iter().flatten().collect();
    let mut column = next(group)?;
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn next<'g, W: Write + Send>(
    group: &'g mut SerializedRowGroupWriter<'_, W>,
) -> Done<parquet::file::writer::SerializedColumnWriter<'g>> {
    group.next_column()?.ok_or_else(|| ParquetError::General("a column too many".to_owned()))
}

/// Reads what [`write()`] wrote.
///
/// # Errors
///
/// It did not, or a later version of it did.
pub fn read(bytes: Vec<u8>) -> Result<Ledger, String> {
    let explain = |why: ParquetError| format!("it is no ledger: {why}");
    let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(explain)?;
    let metadata = file.metadata().file_metadata().key_value_metadata();
    let version = metadata.into_iter().flatten().find(|pair| pair.key == VERSION.0);
    match version.and_then(|pair| pair.value.as_deref()) {
        Some(version) if version == VERSION.1 => {}
        Some(version) => {
            return Err(format!(
                "it is of version {version}, and this program reads {}",
                VERSION.1
            ));
        }
        None => return Err("it is no ledger: it does not say of which version it is".to_owned()),
    }
    let records = file.get_row_iter(None).map_err(explain)?;
    let rows: Result<Vec<Row>, String> = records
        .map(|record| {
            let record = record.map_err(explain)?;
            row(&record).ok_or_else(|| "it is no ledger: a row lacks something".to_owned())
        })
        .collect();
    Ok(Ledger::of(rows?))
}

fn row(record: &Record) -> Option<Row> {
    let field = |name: &str| {
        let found = record.get_column_iter().find(|(column, _)| *column == name);
        found.map(|(_, field)| field)
    };
    let text = |name: &str| match field(name)? {
        Field::Str(text) => Some(text.clone()),
        _ => None,
    };
    let number = |name: &str| match field(name)? {
        Field::Long(number) => u64::try_from(*number).ok(),
        Field::Int(number) => u64::try_from(*number).ok(),
        Field::TimestampMillis(moment) => u64::try_from(*moment).ok(),
        _ => None,
    };
    let decimals = number("decimals").and_then(|number| u8::try_from(number).ok());
    let rests_on = text("restsOn")?;
    let kind = match text("kind").as_deref() {
        Some("object") => Some(Kind::Object),
        Some("rule") => Some(Kind::Rule),
        _ => None,
    };
    Some(Row {
        posting: Posting::named(&text("posting")?)?,
        rests_on: RestsOn::ALL.iter().copied().find(|it| it.name() == rests_on)?,
        at: number("moment")? / 1_000,
        network: text("network")?,
        asset: text("asset")?,
        token: text("token").zip(decimals),
        amount: text("atomicAmount")?.parse().ok()?,
        payer: text("payer").unwrap_or_default(),
        payee: text("payee"),
        transaction: text("transaction"),
        block: number("block"),
        index: number("logIndex"),
        payment: text("payment"),
        site: text("site"),
        kind,
        name: text("name"),
        facilitator: text("facilitator"),
        why: text("why").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Claim, Credit};

    fn rows() -> Vec<Row> {
        let whole = Row {
            posting: Posting::Received(Credit::Sale),
            rests_on: RestsOn::Record,
            at: 1_800_000_000,
            network: "eip155:8453".to_owned(),
            asset: "0xa".to_owned(),
            token: Some(("USDC".to_owned(), 6)),
            amount: 10_000,
            payer: "0xb".to_owned(),
            payee: Some("0xc".to_owned()),
            transaction: Some("0xd".to_owned()),
            block: Some(7),
            index: Some(0),
            payment: Some("eip155-8453/0xa/0xb/0x1".to_owned()),
            site: Some("shop".to_owned()),
            kind: Some(Kind::Rule),
            name: Some("é, \"**\"".to_owned()),
            facilitator: Some("https://f.example".to_owned()),
            why: "because".to_owned(),
        };
        let bare = Row {
            posting: Posting::Claimed(Claim::NotLookedAt),
            token: None,
            amount: u128::MAX,
            payer: String::new(),
            payee: None,
            transaction: None,
            block: None,
            index: None,
            payment: None,
            site: None,
            kind: None,
            name: None,
            facilitator: None,
            why: String::new(),
            ..whole.clone()
        };
        vec![whole, bare]
    }

    #[test]
    fn a_ledger_is_read_as_it_was_written_and_the_same_rows_are_the_same_bytes() {
        for ledger in [Ledger::default(), Ledger::of(rows())] {
            let bytes = write(&ledger).unwrap();
            assert_eq!(read(bytes.clone()).unwrap(), ledger);
            let turned = Ledger::of(ledger.rows().into_iter().rev().cloned());
            assert_eq!(write(&turned).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_none_is_told() {
        read(b"PAR1".to_vec()).unwrap_err();
        let bytes = write(&Ledger::of(rows())).unwrap();
        read(bytes[..bytes.len() / 2].to_vec()).unwrap_err();
    }
}
