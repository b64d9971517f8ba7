//! One object, bought where strangers buy it, with the seller's own key.

use content_config::{Compiled, is_test_network};
use edge_local::buyer::{Key, client, sign_offer};
use next_step::Outcome;

use super::item::{Item, payer};
use super::pay::{Bought, delivered, ours, send};
use crate::confirm::confirm;
use crate::error::Error;
use crate::receipt::Expected;

/// What is bought, and how.
pub(crate) struct Purchase<'p> {
    /// A key, or the path of a URL.
    pub(crate) path: &'p str,
    /// The environment variable with the payer's key.
    pub(crate) variable: &'p str,
    /// The main network that may be paid on.
    pub(crate) main_network: Option<&'p str>,
    pub(crate) yes: bool,
}

/// Says the price, asks, pays, and checks the receipt and the content.
pub(crate) fn buy(compiled: &Compiled, purchase: &Purchase<'_>) -> Outcome<()> {
    let key = payer(purchase.variable)?;
    let item = Item::named(compiled, purchase.path, purchase.main_network)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(ship::Error::not_started)?.block_on(pay(&item, &key, purchase.yes))
}

async fn pay(item: &Item<'_>, key: &Key, yes: bool) -> Outcome<()> {
    let client = client()?;
    let challenge = ours(&client, item, &item.offers).await?;
    let offer = challenge.first_payable()?;
    let network = format!("eip155:{}", offer.domain.token.chain_id);
    println!("{}", item.url);
    println!(
        "  costs        {} ({} atomic units of {})",
        item.price, offer.amount, offer.domain.token.address
    );
    println!(
        "  on           {network}{}",
        if is_test_network(&network) { ", in test money" } else { ", in real money" }
    );
    println!("  paid to      {}", offer.pay_to);
    println!("  paid by      {}", key.address());
    confirm("Buy it?", yes)?;
    let signed = sign_offer(&challenge, key, None)?;
    let unsure = |why: String| Error::Unsure {
        why,
        header: format!("{}: {}", signed.header_name(), signed.header_value()),
        url: item.url.clone(),
    };
    let header = (signed.header_name(), &*signed.header_value());
    let (headers, content) = match send(&client, item, header).await.map_err(unsure)? {
        Bought::Served(headers, content) => (headers, content),
        Bought::Refused(said) => return Err(Error::NotTaken { said }.into()),
        Bought::Open(said) | Bought::Spent(said) => return Err(unsure(said).into()),
    };
    let payer = key.address().to_string();
    let expected = Expected { network: &network, payer: &payer };
    println!("  transaction  {}", delivered(item, &headers, &content, &expected)?);
    println!("  content      {} bytes, as they are here", content.size);
    Ok(())
}
