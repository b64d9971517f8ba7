//! In a big table, every object is found under its own rule, and nothing else is.

mod catalogue;

use catalogue::{Catalogue, OBJECTS, RULES, invented, key};
use price_table::Sale;

#[test]
fn a_hundred_thousand_objects() {
    let compiled = content_config::compile(&Catalogue::new().path())
        .unwrap_or_else(|report| panic!("{report}"));
    let table = compiled.table();
    // And the page with its two files.
    assert_eq!((table.objects.len(), table.rules.len()), (OBJECTS + 2, RULES + 2));
    for nth in 0..OBJECTS {
        let listing =
            compiled.listing(&key(nth)).unwrap_or_else(|| panic!("{} is not there", key(nth)));
        assert_eq!(listing.object.size, nth as u64);
        assert_eq!(listing.object.etag, format!("\"{nth:032x}\""));
        let Sale::Priced { offers, .. } = &listing.rule.sale else { panic!("priced") };
        assert_eq!(offers[0].price.amount, 1_000 * (nth % RULES + 1) as u128);
        assert!(compiled.listing(&invented(nth)).is_none(), "{} was invented", invented(nth));
    }
}
