// @ts-check
/** From a signed payment, or a pass, to the file; and what is said where that does not lead there. */
import {anchor, code, make, show, stateIs} from './dom.js';
import {clockTime, serverNow, sleep} from './clock.js';
import {afresh, here, page} from './place.js';
import {dropNote, forget, isStored, keep, keepPass, leaveNote, passEnd, passHeader, recall} from './keep.js';
import {chainOf, facts} from './offers.js';
import {ask402, request} from './terms.js';
import {byteSize, reason, say} from './text.js';
import {isAborted, placeFor, receive, way} from './deliver.js';
import {showFile} from './view.js';
import {receiptOf} from './receipt.js';
import {settle} from './pay.js';
import {currentChain} from './chains.js';
import {fateOf} from './balance.js';
import {PERHAPS_PAID} from './verdict.js';
import {wallets} from './wallets.js';
import {words} from './words.js';

/** @typedef {import('./keep.js').Kept} Kept */
/** @typedef {import('./deliver.js').Disk} Disk */

/** What texts about a payment are filled with. @param {Kept} kept */
const about = ({offer, from, until}) => ({...facts(offer, from), until: clockTime(until)});

/** Goes from a payment to the file. Whatever happens on the way, it is not said that nothing was charged. @param {Kept} kept @param {Disk} [disk] @returns {Promise<void>} */
export const redeem = (kept, disk) => pursue(kept, disk).catch(error => lost(kept, reason(error)));

/** @param {Kept} kept @param {string} code */
const lost = (kept, code) => (kept.paid ? broken(kept, code) : undecided('ended', kept, {code}));

/** Sends a payment until it has an outcome, and goes on from there. @param {Kept} kept @param {Disk} [disk] */
async function pursue(kept, disk) {
  const counter = make('span');
  let waits = false;
  keep(kept);
  show(kept.paid ? 'fetching' : 'settling', about(kept), [!isStored() && words.unkept]);
  const outcome = await settle(kept, why => {
    waits = true;
    show(why ? 'unknown' : 'offline', {...about(kept), code: why}, [isStored() ? words.kept : words.unkept], [], counter);
  }, left => {
    if (waits) counter.textContent = left ? say(words.tick, {n: Math.ceil(left)}) : words.sending;
  });
  if (outcome.kind === 'open') return take(outcome.answer, kept, disk);
  if (outcome.kind === 'ended') {
    if (!outcome.code) addEventListener('online', () => stateIs('ended') && recall() === kept && void redeem(kept), {once: true});
    return lost(kept, outcome.code || words.silent);
  }
  const {kind, paywall} = outcome;
  const {contact} = paywall;
  const next = [
    paywall.nextStep + (paywall.until ? ` (${clockTime(paywall.until)})` : ''),
    contact && make('p', {}, words.contact, anchor(contact, /^https:/.test(contact) ? contact : 'mailto:' + encodeURI(contact))),
  ];
  // Other refusals speak of this try alone.
  if (kind === 'doubt') return undecided(kind, kept, {...paywall}, PERHAPS_PAID.includes(paywall.code) ? next : next.slice(1));
  show(kind, {...paywall}, next, kind === 'used' ? [['fetch', () => fetchAgain(kept)], ['buy', anew]] : [['again', afresh]]);
}

/** A payment of which nobody knows whether it was charged. Nothing here leads to another one unasked. @param {'ended' | 'doubt'} id @param {Kept} kept @param {Record<string, unknown>} values @param {import('./dom.js').Part[]} [more] */
function undecided(id, kept, values, more = []) {
  const told = about(kept);
  show(id, {...told, ...values}, [...more, say(words.compare, told), code(kept.nonce)], same(kept));
  void lookOnChain(kept);
}

/** Asks what became of a payment of a wallet that is on its network, which shows nothing to anybody; until its node knows late enough a block. @param {Kept} kept */
async function lookOnChain(kept) {
  const open = () => stateIs('ended', 'doubt') && recall() === kept;
  for (let tries = 0; tries < 60 && open(); tries += 1) {
    for (const {provider} of wallets()) {
      const there = await currentChain(provider).catch(() => 0) === chainOf(kept.offer.network);
      const fate = there && await fateOf(provider, kept).catch(() => undefined);
      // The person may have gone on meanwhile.
      if (fate && open()) return decided(kept, fate);
    }
    await sleep(5000);
  }
}

/** @param {Kept} kept @param {'charged' | 'void'} fate */
function decided(kept, fate) {
  if (fate === 'charged') return show(fate, about(kept), [code(kept.nonce)], same(kept));
  show(fate, about(kept), [], [['again', afresh]]);
  forget();
  dropNote(kept.nonce);
}

/** Sending it again costs nothing; another one is the person's own decision, of which the next step warns once more. @param {Kept} kept @returns {import('./dom.js').Action[]} */
const same = kept => [['resend', () => redeem(kept)], ['anyway', () => {
  leaveNote('sent', kept.nonce);
  anew();
}]];

/** Lets the payment go, for another. */
function anew() {
  forget();
  afresh();
}

/** Takes the file from an answer. @param {Response} answer @param {Kept | null} kept @param {Disk} [disk] */
async function take(answer, kept, disk) {
  const given = answer.headers.get('X-PAYMENT-PASS');
  if (given) keepPass(given);
  const how = await way();
  const receipt = kept ? receiptOf(answer, kept) : undefined;
  // Without a place only what fits into memory is taken.
  if (!disk && (how === 'pass' || how === 'none' || how === 'picker')) {
    void answer.body?.cancel();
    if (how === 'none' && !passEnd()) return broken(kept, words.full);
    return how === 'picker' ? heldState(kept) : download(receipt);
  }
  const bar = make('progress', {'aria-label': words.progress});
  const text = make('span');
  show('fetching', {}, [], [], make('div', {}, bar, text));
  const file = await receive(answer, disk ?? await placeFor(nameFor(kept)), (done, total) => {
    if (total) Object.assign(bar, {max: total, value: done});
    text.textContent = total ? say(words.done, {done: byteSize(done), total: byteSize(total)}) : byteSize(done);
  });
  const actions = await showFile(file);
  const until = passEnd() > serverNow() ? say(words.until, {until: clockTime(passEnd())}) : !!kept && isStored() && say(words.reloads, about(kept));
  show(file.blob ? 'done' : 'saved', {size: byteSize(file.size)}, [receipt, until], actions);
}

/** The name of a file in the store. @param {Kept | null} kept */
const nameFor = kept => kept?.nonce.slice(2, 10) ?? 'pass';

/** A pass opens the file as often as one likes, a payment three times. @param {Kept | null} kept @returns {Promise<unknown>} */
const fetchAgain = kept => placeFor(nameFor(kept)).then(
  disk => (kept && passEnd() <= serverNow() ? redeem(kept, disk) : openByPass(disk)),
  error => isAborted(error) || broken(kept, reason(error)),
);

/** @param {Kept | null} kept @param {string} why */
const broken = (kept, why) => show('broken', {code: why}, [], [['fetch', () => fetchAgain(kept)]]);

/** The file is paid for and waits for a click. @param {Kept | null} kept */
export const heldState = kept => show('held', {}, [], [['fetch', () => fetchAgain(kept)]]);

/** The browser downloads by its cookie, if it has it: some keep none on plain http. @param {Node} [receipt] */
async function download(receipt) {
  if ((await ask402({}).catch(() => '')) !== 'open') {
    const pass = Object.entries(passHeader()).flat().join(': ');
    return show('nocookie', {}, [make('pre', {tabindex: '0'}, pass), receipt]);
  }
  const link = anchor(say(words.fetch, page), here.href, {download: page.file, class: 'main'});
  show('download', {}, [receipt], [link]);
  link.click();
}

/** Fetches the file by a pass or a cookie. @param {Disk} [disk] */
export async function openByPass(disk) {
  const how = await way();
  if (how === 'pass' || how === 'none') return download();
  if (how === 'picker' && !disk) return heldState(null);
  try {
    const answer = await request({headers: passHeader()});
    if (answer.status === 402) return void sleep(1000).then(afresh);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    await take(answer, null, disk);
  } catch (error) {
    broken(null, reason(error));
  }
}
