// @ts-check
/** What the site and the network say of the payment. */
import {networks} from './site.js';
import {anchor, make} from './dom.js';
import {facts} from './offers.js';
import {decode64, say, short} from './text.js';
import {words} from './words.js';

/** @param {Response} answer @param {import('./keep.js').Kept} kept */
export function receiptOf(answer, {offer, from}) {
  const transaction = String(decode64(answer.headers.get('PAYMENT-RESPONSE')).transaction ?? '');
  const explorer = networks[offer.network]?.explorer;
  const tx = say(words.tx, {tx: short(transaction)});
  const linked = explorer && /^0x[0-9a-fA-F]{64}$/.test(transaction);
  return make('p', {id: 'receipt'}, say(words.receipt, facts(offer, from)), linked ? anchor(tx, `${explorer}/tx/${transaction}`, {target: '_blank'}) : transaction && tx);
}
