// @ts-check
/** What the site and the network say of the payment. */
import { networks } from './site.js';
import { anchor, make } from './dom.js';
import { money, networkName } from './offers.js';
import { decode64, say, short } from './text.js';
import { words } from './words.js';

/** @param {Response} answer @param {import('./keep.js').Kept} payment */
export function receiptOf(answer, { offer, from }) {
  let transaction = '';
  try {
    transaction = String(decode64(answer.headers.get('PAYMENT-RESPONSE') ?? '').transaction ?? '');
  } catch {
    // The file is there: a receipt that cannot be read is left out.
  }
  const explorer = networks[offer.network]?.explorer;
  const tx = say(words.tx, { tx: short(transaction) });
  const linked = explorer && /^0x[0-9a-fA-F]{64}$/.test(transaction);
  const text = say(words.receipt, { price: money(offer), network: networkName(offer.network), from: short(from), payee: short(offer.payTo) });
  return make('p', { id: 'receipt' }, text + ' ', linked ? anchor(tx, `${explorer}/tx/${transaction}`, { target: '_blank' }) : transaction && tx);
}
