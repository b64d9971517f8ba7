// @ts-check
/** From a signed payment, or a pass, to the file; and what is said where that does not lead there. */
import {anchor, code, make, show, stateIs} from './dom.js';
import {clockTime, serverNow, sleep} from './clock.js';
import {afresh, here, page} from './place.js';
import {dropNote, forget, isStored, keep, keepPass, leaveNote, passEnd, passHeader} from './keep.js';
import {chainOf, facts} from './offers.js';
import {ask402, request} from './terms.js';
import {byteSize, duration, reason, say} from './text.js';
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

/** What texts about a payment are filled with. @param {Kept} payment */
const about = ({offer, from, until}) => ({...facts(offer, from), until: clockTime(until)});

/** Goes from a payment to the file. Whatever happens on the way, it is not said that nothing was charged. @param {Kept} payment @param {Disk} [disk] */
export const redeem = (payment, disk) => pursue(payment, disk).catch(error => lost(payment, reason(error)));

/** @param {Kept} payment @param {string} code */
const lost = (payment, code) => (payment.paid ? broken(payment, code) : undecided('ended', payment, {code}));

/** Sends a payment until it has an outcome, and goes on from there. @param {Kept} payment @param {Disk} [disk] */
async function pursue(payment, disk) {
  const counter = make('span');
  let waits = false;
  keep(payment);
  show(payment.paid ? 'fetching' : 'settling', about(payment));
  const outcome = await settle(payment, why => {
    waits = true;
    show(why ? 'unknown' : 'offline', {...about(payment), code: why}, [isStored() ? words.kept : words.unkept], [], counter);
  }, left => {
    if (waits) counter.textContent = left ? say(words.tick, {time: duration(left)}) : words.sending;
  });
  if (outcome.kind === 'open') return take(outcome.answer, payment, disk);
  if (outcome.kind === 'ended') {
    if (!outcome.code) addEventListener('online', () => stateIs('ended') && void redeem(payment), {once: true});
    return lost(payment, outcome.code || words.silent);
  }
  const {kind, paywall} = outcome;
  const {contact} = paywall;
  const next = [
    paywall.nextStep + (paywall.until ? ` (${clockTime(paywall.until)})` : ''),
    contact && make('p', {}, words.contact, anchor(contact, /^https:/.test(contact) ? contact : 'mailto:' + encodeURI(contact))),
  ];
  // Other refusals speak of this try alone.
  if (kind === 'doubt') return undecided(kind, payment, {...paywall}, PERHAPS_PAID.includes(paywall.code) ? next : next.slice(1));
  show(kind, {...paywall}, [...next, words.dropped], [[kind === 'used' ? 'buy' : 'again', afresh]]);
}

/** A payment of which nobody knows whether it was charged. Nothing here leads to another one unasked. @param {'ended' | 'doubt'} id @param {Kept} payment @param {Record<string, unknown>} values @param {import('./dom.js').Part[]} [more] */
function undecided(id, payment, values, more = []) {
  const told = about(payment);
  show(id, {...told, ...values}, [...more, say(words.compare, told), code(payment.nonce)], same(payment));
  void lookOnChain(payment);
}

/** Asks what became of a payment of a wallet that is on its network, which shows nothing to anybody; until its node knows late enough a block. @param {Kept} payment */
async function lookOnChain(payment) {
  const open = () => stateIs('ended', 'doubt');
  for (let tries = 0; tries < 60 && open(); tries += 1) {
    for (const {provider} of wallets()) {
      const there = await currentChain(provider).catch(() => 0) === chainOf(payment.offer.network);
      const fate = there && await fateOf(provider, payment).catch(() => undefined);
      // The person may have gone on meanwhile.
      if (fate && open()) return decided(payment, fate);
    }
    await sleep(5000);
  }
}

/** @param {Kept} payment @param {'charged' | 'void'} fate */
function decided(payment, fate) {
  if (fate === 'charged') return show(fate, about(payment), [code(payment.nonce)], same(payment));
  show(fate, about(payment), [], [['again', afresh]]);
  forget();
  dropNote(payment.nonce);
}

/** Sending it again costs nothing; another one is the person's own decision, of which the next step warns once more. @param {Kept} payment */
function same(payment) {
  const letGo = () => {
    leaveNote('sent', payment.nonce);
    forget();
    afresh();
  };
  /** @type {import('./dom.js').Action[]} */
  const actions = [['resend', () => redeem(payment)], ['anyway', letGo]];
  return actions;
}

/** Takes the file from an answer. @param {Response} answer @param {Kept | null} payment @param {Disk} [disk] */
async function take(answer, payment, disk) {
  const given = answer.headers.get('X-PAYMENT-PASS');
  if (given) keepPass(given);
  const how = await way();
  const receipt = payment ? receiptOf(answer, payment) : undefined;
  // Without a place only what fits into memory is taken.
  if (!disk && (how === 'pass' || how === 'none' || how === 'picker')) {
    void answer.body?.cancel();
    return how === 'picker' ? heldState(payment) : download(receipt);
  }
  const bar = make('progress', {'aria-label': words.progress});
  const text = make('span');
  show('fetching', {}, [], [], make('div', {}, bar, text));
  try {
    const file = await receive(answer, disk ?? await placeFor(nameFor(payment)), (done, total) => {
      if (total) Object.assign(bar, {max: total, value: done});
      text.textContent = total ? say(words.done, {done: byteSize(done), total: byteSize(total)}) : byteSize(done);
    });
    const actions = await showFile(file);
    const until = passEnd() > serverNow() ? say(words.until, {until: clockTime(passEnd())}) : !!payment && isStored() && say(words.reloads, about(payment));
    show(file.blob ? 'done' : 'saved', {size: byteSize(file.size)}, [receipt, until], actions);
  } catch (error) {
    broken(payment, reason(error));
  }
}

/** The name of a file in the store. @param {Kept | null} payment */
const nameFor = payment => payment?.nonce.slice(2, 10) ?? 'pass';

/** @param {Kept | null} payment */
async function fetchAgain(payment) {
  try {
    const disk = await placeFor(nameFor(payment));
    // A pass opens the file as often as one likes, a payment three times.
    if (payment && passEnd() <= serverNow()) await redeem(payment, disk);
    else await openByPass(disk);
  } catch (error) {
    if (!isAborted(error)) broken(payment, reason(error));
  }
}

/** @param {Kept | null} payment @param {string} why */
const broken = (payment, why) => show('broken', {code: why}, [], [['fetch', () => fetchAgain(payment)]]);

/** The file is paid for and waits for a click. @param {Kept | null} payment */
export const heldState = payment => show('held', {}, [], [['fetch', () => fetchAgain(payment)]]);

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
  show('fetching');
  try {
    const answer = await request({headers: passHeader()});
    if (answer.status === 402) return afresh();
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    await take(answer, null, disk);
  } catch (error) {
    broken(null, reason(error));
  }
}
