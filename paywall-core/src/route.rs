//! Stages 2 and 3: the path's canonical key, and what it leads to.

use price_table::{Access, Key, Listing, Offer, PassScope, Purchases, Sale, Table};

use crate::clock::Micros;
use crate::refusal::Refusal;
use crate::subject::Subject;

/// What a path leads to. What is not listed is not for sale, and has no route.
#[derive(Clone, Debug)]
pub enum Route<'a> {
    /// An object that its rule gives away.
    Free(Free<'a>),
    /// An object with a price.
    Priced(Priced<'a>),
}

/// A listing whose rule says `free`. Only [`route`] makes one.
#[derive(Clone, Debug)]
pub struct Free<'a>(Listing<'a>);

/// A listing with its offers.
#[derive(Clone, Debug)]
pub struct Priced<'a> {
    /// The listing.
    pub listing: Listing<'a>,
    /// Ways to pay.
    pub offers: &'a [Offer],
    /// What one payment buys.
    pub access: Access,
    /// What the pass of a timed access opens.
    pub pass: PassScope,
    /// Raised by the seller to end every access that was sold before.
    pub access_epoch: u32,
    /// Whether payments of one payer wait for each other.
    pub purchases: Purchases,
    dry_run: Option<u64>,
}

/// That nothing is charged for a listing at some time. Only [`Priced::dry_run`] and a [`crate::waf::Switch`] make one.
#[derive(Clone, Copy, Debug)]
pub struct DryRun {
    /// Until when, seconds since 1970.
    pub(crate) until: u64,
}

/// Decodes the path, and looks its key up.
pub fn route<'a>(table: &'a Table, uri: &str) -> Result<Route<'a>, Refusal> {
    let root = table.site.default_root_object.as_deref().filter(|_| uri == "/");
    let listing = match root {
        Some(key) => table.get(key),
        None => table.get(Key::from_uri_path(uri).map_err(Refusal::BadPath)?.as_str()),
    };
    let listing = listing.map_err(|why| Refusal::PriceTableDamaged(why.to_string()))?;
    let listing = listing.ok_or(Refusal::NotForSale)?;
    Ok(match &listing.rule.sale {
        Sale::Free => Route::Free(Free(listing)),
        Sale::Priced { offers, access, pass, access_epoch, purchases, dry_run } => {
            Route::Priced(Priced {
                listing,
                offers,
                access: *access,
                pass: *pass,
                access_epoch: *access_epoch,
                purchases: *purchases,
                dry_run: *dry_run,
            })
        }
    })
}

impl<'a> Route<'a> {
    /// The listing.
    pub fn listing(&self) -> &Listing<'a> {
        match self {
            Route::Free(Free(listing)) | Route::Priced(Priced { listing, .. }) => listing,
        }
    }
}

impl<'a> Priced<'a> {
    /// Whether it is given away for now, to see what selling it would bring.
    pub fn dry_run(&self, now: Micros) -> Option<DryRun> {
        self.dry_run.filter(|until| now.secs() < *until).map(|until| DryRun { until })
    }

    /// What is sold, on the site of this id.
    pub fn subject(&self, site_id: &str) -> Subject {
        Subject::of(site_id, &self.listing, self.access, self.pass)
    }
}

impl<'a> Free<'a> {
    /// The listing.
    pub fn listing(self) -> Listing<'a> {
        self.0
    }
}
