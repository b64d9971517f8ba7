//! The table as a file, `table.bin`: one writer, one reader.
//!
//! Integers are little-endian; a text is its bytes' number in a `u32` and its UTF-8, a list its length in a
//! `u32` and its items, an option a byte 0 or 1 and what it holds, a choice a byte and its fields.
//!
//! ```text
//! "x402tab" and the version, 8 bytes | u64 bytes of the head | u64 bytes of the objects | SHA-256, 32 bytes
//! head:     site | redemptions | rules | MIME types, as in `table` | u32 number of objects
//! objects:  as in `objects`, with the hash's first 8 bytes as their seed
//! ```
//!
//! The hash is of everything before it and of the head: prices, payees and facilitators, checked whenever
//! the file is opened. An object is checked when it is looked up, and that it belongs to this head. A file may be read whole, or its objects
//! by need, so that start and memory do not grow with their number.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use crate::objects::{Damaged, Objects, ReadAt, read};
use crate::page;
use crate::table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, NextPrice,
    Offer, PassScope, PassThrough, Price, Purchases, Redemptions, Rpc, Rule, Sale, Shop, Site,
    Table, Terms, Text, VerifyPolicy,
};

/// What the file is called, beside the function.
pub const NAME: &str = "table.bin";

/// The last byte is the version of this format.
const MAGIC: [u8; 8] = *b"x402tab\x07";
/// Before the head.
const PREFIX: usize = 24 + 32;
/// A file of so many bytes or fewer is read whole.
const WHOLE: u64 = 256 * 1024;

/// The file of a table.
pub fn write(table: &Table) -> Result<Vec<u8>, Damaged> {
    let mut head = Vec::new();
    table.site.put(&mut head);
    table.redemptions.put(&mut head);
    table.rules.put(&mut head);
    table.mime_types.put(&mut head);
    length(table.objects.len()).put(&mut head);
    let lengths = [head.len() as u64, table.objects.file_bytes()].map(u64::to_le_bytes);
    let start = [MAGIC, lengths[0], lengths[1]].concat();
    let hash = Sha256::new().chain_update(&start).chain_update(&head).finalize();
    let objects = table.objects.write(seed(&hash))?;
    Ok([&start[..], &hash, &head, &objects].concat())
}

/// Opens a file of so many bytes. What is small is read whole and looked through to its last object;
/// of what is large, objects are read when they are asked for. The head stays in memory for good.
pub fn open(file: impl ReadAt + 'static, bytes: u64) -> Result<Table, Damaged> {
    match bytes <= WHOLE {
        true => whole(read(&file, 0, bytes)?),
        false => by_need(Arc::new(file), bytes),
    }
}

/// A table from the bytes of its file, every object looked at. They stay in memory for good.
pub fn whole(bytes: Vec<u8>) -> Result<Table, Damaged> {
    let prefix = bytes.get(..PREFIX).ok_or_else(short)?;
    let (head, end) = ends(prefix, bytes.len() as u64)?;
    check(prefix, &bytes[PREFIX..head])?;
    let bytes: &'static [u8] = bytes.leak();
    let seed = seed(&bytes[24..PREFIX]);
    let table =
        table(&bytes[PREFIX..head], |count| Objects::in_memory(count, seed, &bytes[head..end]))?;
    table.all()?;
    Ok(table)
}

/// A table whose objects are read when they are asked for.
pub fn by_need(file: Arc<dyn ReadAt>, bytes: u64) -> Result<Table, Damaged> {
    if bytes < PREFIX as u64 {
        return Err(short());
    }
    let prefix = read(&*file, 0, PREFIX as u64)?;
    let (head, end) = ends(&prefix, bytes)?;
    let from = PREFIX as u64;
    let text = read(&*file, from, head as u64 - from)?;
    check(&prefix, &text)?;
    let place = (file, head as u64, (end - head) as u64);
    table(text.leak(), |count| Objects::in_file(count, seed(&prefix[24..]), place))
}

/// Where the head ends, and the objects.
fn ends(prefix: &[u8], bytes: u64) -> Result<(usize, usize), Damaged> {
    if prefix[..7] != MAGIC[..7] {
        return Err(Damaged::new("is no price table: it begins with other bytes"));
    }
    if prefix[7] != MAGIC[7] {
        let (is, wants) = (prefix[7], MAGIC[7]);
        return Err(Damaged(format!(
            "has version {is} of its format, and this function reads {wants}: package both anew"
        )));
    }
    let length = |at: usize| u64::from_le_bytes(prefix[at..at + 8].try_into().expect("8 bytes"));
    let head = (PREFIX as u64).checked_add(length(8));
    let end = head.and_then(|head| head.checked_add(length(16)));
    match (head, end) {
        (Some(head), Some(end)) if end == bytes => Ok((head as usize, end as usize)),
        _ => Err(short()),
    }
}

fn seed(hash: &[u8]) -> u64 {
    u64::from_le_bytes(hash[..8].try_into().expect("8 bytes"))
}

fn short() -> Damaged {
    Damaged::new("has another length than it says")
}

fn check(prefix: &[u8], head: &[u8]) -> Result<(), Damaged> {
    let hash = Sha256::new().chain_update(&prefix[..24]).chain_update(head).finalize();
    match hash[..] == prefix[24..] {
        true => Ok(()),
        false => Err(Damaged::new("has prices that are not as they were written")),
    }
}

fn table(
    head: &'static [u8],
    objects: impl FnOnce(u32) -> Option<Objects>,
) -> Result<Table, Damaged> {
    let mut rest = head;
    let from = &mut rest;
    let table = (|| {
        Some(Table {
            site: Wire::take(from)?,
            redemptions: Wire::take(from)?,
            rules: Wire::take(from)?,
            mime_types: Wire::take(from)?,
            objects: objects(u32::take(from)?)?,
        })
    })();
    table
        .filter(|table| rest.is_empty() && is_sound(table))
        .ok_or_else(|| Damaged::new("has a head that another version wrote: package it anew"))
}

/// What the function counts on and no type says.
fn is_sound(table: &Table) -> bool {
    let sound =
        |offer: &Offer| offer.price.amounts().all(|it| it > 0) && !offer.facilitators.is_empty();
    !table.site.urls.is_empty()
        && table.site.free_lines > 0
        && table.site.page.as_deref().is_none_or(page::is_sound)
        && table.rules.iter().all(|rule| rule.sample.as_deref().is_none_or(is_json))
        && table.rules.iter().all(|rule| match &rule.sale {
            Sale::Free => true,
            Sale::Priced { offers, .. } => !offers.is_empty() && offers.iter().all(sound),
        })
}

fn is_json(text: &str) -> bool {
    let around = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    !around && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// What can be written into the head, and read from it.
trait Wire: Sized {
    fn put(&self, to: &mut Vec<u8>);
    fn take(from: &mut &'static [u8]) -> Option<Self>;
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Wire for $integer {
            fn put(&self, to: &mut Vec<u8>) {
                to.extend(self.to_le_bytes());
            }
            fn take(from: &mut &'static [u8]) -> Option<Self> {
                let (bytes, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(<$integer>::from_le_bytes(*bytes))
            }
        }
    )*};
}

integers!(u8, u32, u64, u128);

impl Wire for bool {
    fn put(&self, to: &mut Vec<u8>) {
        u8::from(*self).put(to);
    }
    fn take(from: &mut &'static [u8]) -> Option<Self> {
        match u8::take(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Wire for [u8; 20] {
    fn put(&self, to: &mut Vec<u8>) {
        to.extend(self);
    }
    fn take(from: &mut &'static [u8]) -> Option<Self> {
        let (bytes, rest) = from.split_first_chunk()?;
        *from = rest;
        Some(*bytes)
    }
}

impl Wire for Text {
    fn put(&self, to: &mut Vec<u8>) {
        length(self.len()).put(to);
        to.extend(self.as_bytes());
    }
    fn take(from: &mut &'static [u8]) -> Option<Self> {
        let length = u32::take(from)? as usize;
        let (text, rest) = from.split_at_checked(length)?;
        *from = rest;
        std::str::from_utf8(text).ok().map(Cow::Borrowed)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, to: &mut Vec<u8>) {
        self.is_some().put(to);
        self.iter().for_each(|value| value.put(to));
    }
    fn take(from: &mut &'static [u8]) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<T: Wire + Clone> Wire for Cow<'static, [T]> {
    fn put(&self, to: &mut Vec<u8>) {
        length(self.len()).put(to);
        self.iter().for_each(|item| item.put(to));
    }
    fn take(from: &mut &'static [u8]) -> Option<Self> {
        let length = u32::take(from)?;
        (0..length).map(|_| T::take(from)).collect::<Option<Vec<_>>>().map(Cow::Owned)
    }
}

fn length(of: usize) -> u32 {
    u32::try_from(of).expect("no text of content.toml has 4 GiB")
}

/// Fields, in order.
macro_rules! record {
    ($name:ident { $($field:ident),* }) => {
        impl Wire for $name {
            fn put(&self, to: &mut Vec<u8>) {
                let $name { $($field),* } = self;
                $($field.put(to);)*
            }
            fn take(from: &mut &'static [u8]) -> Option<Self> {
                Some($name { $($field: Wire::take(from)?),* })
            }
        }
    };
}

/// A choice, by numbers that stay.
macro_rules! choice {
    ($name:ident { $($number:literal $variant:ident $({ $($field:ident),* })? $(( $one:ident ))?),* $(,)? }) => {
        impl Wire for $name {
            fn put(&self, to: &mut Vec<u8>) {
                match self {
                    $($name::$variant $({ $($field),* })? $(( $one ))? => {
                        u8::put(&$number, to);
                        $($($field.put(to);)*)?
                        $($one.put(to);)?
                    })*
                }
            }
            fn take(from: &mut &'static [u8]) -> Option<Self> {
                match u8::take(from)? {
                    $($number => Some($name::$variant $({ $($field: Wire::take(from)?),* })? $(({
                        let $one = Wire::take(from)?;
                        $one
                    }))?),)*
                    _ => None,
                }
            }
        }
    };
}

record!(Site {
    id,
    urls,
    default_root_object,
    cors_origins,
    body,
    sealed,
    discovery,
    contact,
    free_lines,
    vouched_epoch,
    page
});
record!(Shop { name, tags, icon });
choice!(BodyVersion { 1 V1, 2 V2 });
choice!(Redemptions { 0 Memory, 1 S3 { bucket, region, prefix, keep_days, shared_pay_to } });
record!(Rule { pattern, title, description, mime_type, currency, sample, sale });
choice!(Sale { 0 Free, 1 Priced { offers, access, pass, access_epoch, purchases, dry_run } });
choice!(Access { 0 Request, 1 Seconds(seconds) });
choice!(PassScope { 0 Object, 1 Rule });
choice!(Purchases { 0 OneAtATime, 1 Independent });
record!(Offer { network, price, max_timeout_seconds, facilitators, terms });
record!(Price { amount, next });
record!(NextPrice { from, amount });
record!(Network { caip2, v1, name, rpc });
record!(Rpc { url, second, confirmations });
record!(Facilitator { url, verify, auth, dialect, refusals });
choice!(VerifyPolicy { 0 First, 1 WhenNeeded });
choice!(Auth { 0 None, 1 Bearer, 2 Cdp });
choice!(Dialect { 0 Reference, 1 Cdp, 2 X402Rs });
choice!(Terms { 0 Evm(evm), 1 PassThrough(other) });
record!(Evm { chain_id, asset, pay_to });
record!(PassThrough { asset, pay_to, symbol, decimals, extra });
record!(Asset { address, name, version, decimals });
record!(Address { bytes, eip55 });
