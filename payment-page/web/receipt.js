// @ts-check
/** What the site and the network say of the payment. */
import { networks } from './site.js';
import { anchor, make } from './dom.js';
import { money, networkName } from './terms.js';
import { decode64, say, short } from './text.js';
import { words } from './words.js';

/** A transaction's page of the network's explorer. @param {string} network @param {string} transaction */
export function explorerLink(network, transaction) {
  const explorer = networks[network]?.explorer;
  return explorer && /^https:/.test(explorer) && /^0x[0-9a-fA-F]{64}$/.test(transaction) ? `${explorer}/tx/${transaction}` : '';
}

/** @param {Response} answer @param {import('./keep.js').Kept} payment */
export function receiptOf(answer, { offer, from }) {
  /** @type {any} */
  let said = {};
  try {
    said = decode64(answer.headers.get('PAYMENT-RESPONSE') ?? '') ?? {};
  } catch {
    // The file is there: a receipt that cannot be read is left out.
  }
  const transaction = String(said.transaction ?? '');
  const href = explorerLink(offer.network, transaction);
  const tx = say(words.tx, { tx: short(transaction) });
  const text = say(words.receipt, { price: money(offer), network: networkName(offer.network), from: short(from), payee: short(offer.payTo) });
  return make('p', { id: 'receipt' }, text + ' ', href ? anchor(tx, href, { target: '_blank' }) : transaction && tx);
}
