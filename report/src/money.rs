//! What the ledger says, token by token.

use std::collections::BTreeMap;

use books::{Credit, Day, Ledger, Owed, Posting, RestsOn, Row};

/// A sum of one token, and of how many rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// Atomic units.
    pub amount: u128,
}

impl Sum {
    fn add(&mut self, amount: u128) {
        self.rows += 1;
        // The ledger was added up before, and refused what is beyond it.
        self.amount = self.amount.saturating_add(amount);
    }
}

/// A token on its network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    /// The CAIP-2 name.
    pub network: String,
    /// The token's address.
    pub asset: String,
    /// Its symbol and decimals, where the table sells for it.
    pub token: Option<(String, u8)>,
    /// What was sold.
    pub sales: Sum,
    /// The same by day, without gaps.
    pub by_day: BTreeMap<Day, Sum>,
    /// By the key of the object, or the pattern of the rule; the most first.
    pub by_object: Vec<(String, Sum)>,
    /// By the payer's address; the most first.
    pub by_payer: Vec<(String, Sum)>,
    /// What is owed still.
    pub owed: Vec<Row>,
    /// What was paid back.
    pub paid_back: Sum,
    /// What came and is under way, or cannot be read.
    pub open: Sum,
    /// What came and is not ours.
    pub not_ours: Sum,
    /// What is claimed and no chain shows.
    pub claims: Vec<Row>,
    /// Sales that rest on a line of the log alone.
    pub by_log_alone: Sum,
}

/// All of them, the one that sold most often first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Token by token.
    pub purses: Vec<Purse>,
}

impl Money {
    /// Of the days from the first to the last.
    pub fn of(ledger: &Ledger, from: Day, to: Day) -> Self {
        let mut purses = BTreeMap::<_, (Purse, Totals, Totals)>::new();
        for row in ledger.rows().into_iter().filter(|row| (from..=to).contains(&row.day())) {
            let name = (row.network.clone(), row.asset.clone());
            let (purse, objects, payers) = purses.entry(name).or_default();
            purse.network.clone_from(&row.network);
            purse.asset.clone_from(&row.asset);
            purse.token = purse.token.take().or_else(|| row.token.clone());
            match row.posting {
                Posting::Received(Credit::Sale) => {
                    purse.sales.add(row.amount);
                    purse.by_day.entry(row.day()).or_default().add(row.amount);
                    objects.add(row.name.as_deref().unwrap_or_default(), row.amount);
                    payers.add(&row.payer, row.amount);
                    if row.rests_on == RestsOn::Log {
                        purse.by_log_alone.add(row.amount);
                    }
                }
                Posting::Received(Credit::Owed(Owed::Refunded)) => {}
                Posting::Received(Credit::Owed(_)) => purse.owed.push(row.clone()),
                Posting::Received(Credit::Open | Credit::Unclear) => purse.open.add(row.amount),
                Posting::Received(Credit::NotOurs(_)) => purse.not_ours.add(row.amount),
                Posting::PaidBack { .. } => purse.paid_back.add(row.amount),
                Posting::Claimed(_) => purse.claims.push(row.clone()),
            }
        }
        let mut purses: Vec<_> = purses
            .into_values()
            .map(|(mut purse, objects, payers)| {
                // A day on which nothing was sold is a day.
                let mut day = from;
                while !purse.by_day.is_empty() && day <= to {
                    purse.by_day.entry(day).or_default();
                    day = day.after();
                }
                purse.by_object = objects.most();
                purse.by_payer = payers.most();
                purse
            })
            .collect();
        purses.sort_by_key(|purse| std::cmp::Reverse(purse.sales.rows));
        Money { purses }
    }
}

/// Sums by a name.
#[derive(Default)]
struct Totals(BTreeMap<String, Sum>);

impl Totals {
    fn add(&mut self, name: &str, amount: u128) {
        self.0.entry(name.to_owned()).or_default().add(amount);
    }

    fn most(self) -> Vec<(String, Sum)> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by(|(a, one), (b, other)| other.amount.cmp(&one.amount).then(a.cmp(b)));
        all
    }
}

impl Purse {
    /// An amount as people write it.
    pub fn whole(&self, amount: u128) -> String {
        match &self.token {
            Some((symbol, decimals)) => {
                format!("{} {symbol}", books::ledger::decimal(amount, *decimals))
            }
            None => format!("{amount} atomic units"),
        }
    }

    /// An amount to be drawn: what is lost by it cannot be seen.
    pub fn drawn(&self, amount: u128) -> f64 {
        let decimals = self.token.as_ref().map_or(0, |(_, decimals)| *decimals);
        amount as f64 / 10_f64.powi(i32::from(decimals))
    }
}
