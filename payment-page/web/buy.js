// @ts-check
/** From a wallet to a signature. */
import {anchor, button, byId, code, make, show} from './dom.js';
import {clockTime, serverNow, within} from './clock.js';
import {afresh, back, here, home, page} from './place.js';
import {OTHER_TAB, alone, dropNote, leaveNote, note, othersEnd, passHeader} from './keep.js';
import {chainOf, facts, money, networkName, offerKey, payable} from './offers.js';
import {freshTerms} from './terms.js';
import {byteSize, duration, reason, say} from './text.js';
import {isAborted, isCoarse, placeFor} from './deliver.js';
import {deepLinks, errorCode, isDeclined, lookForWallets, wallets} from './wallets.js';
import {PENDING, currentChain, toNetwork} from './chains.js';
import {balanceOf, hasCode} from './balance.js';
import {authorizationOf, freshNonce, normalised, paymentHeader, typedData} from './sign.js';
import {redeem} from './redeem.js';
import {words} from './words.js';

/** @typedef {import('./offers.js').Offer} Offer */

/** A wallet that is silent for so long, in milliseconds, may be hidden or locked. */
const SLOW_MS = 20_000;

/** A signature with less time left, in seconds, is not sent: the site refuses it. WINDOW_LEFT_SECONDS of paywall-core/src/limits.rs, and the way there. */
const LEAST_LEFT = 21;

/** The turn that is on: how it is ended, and which one signs; and the earlier payment in spite of which the person goes on. */
const turn = {number: 0, signing: 0, end() {}, despite: ''};

const STOPPED = {code: 'stopped'};
const LATE = {code: 'late'};

/**
 * Ends what is under way and begins a turn. What it gives waits for something, unless the turn is over by then: so
 * what a wallet answers late is dropped, and nobody waits for one that never answers.
 */
export function newTurn() {
  turn.end();
  turn.number += 1;
  /** @type {Promise<never>} */
  const over = new Promise((_, reject) => {turn.end = () => reject(STOPPED);});
  over.catch(() => {});
  /** @template T @param {Promise<T>} promise @returns {Promise<T>} */
  const on = promise => Promise.race([over, promise]);
  return on;
}

/** A person's way with one wallet. @typedef {{wallet: import('./wallets.js').Wallet, offers: Offer[], on: ReturnType<typeof newTurn>, offer: Offer, from: string, list?: Node}} Deal */

/** What texts about a deal are filled with. @param {Deal} deal */
const valuesOf = ({offer, wallet, from}) => ({...facts(offer, from), name: wallet.name, time: duration(offer.maxTimeoutSeconds - LEAST_LEFT)});

/**
 * Asks a wallet, and says so; lets the person stop.
 * @param {Deal} deal @param {'connect' | 'network' | 'signing'} id @param {string} method @param {unknown[]} [params]
 * @param {number} [ms] how long its answer is worth something @returns {Promise<any>}
 */
async function ask(deal, id, method, params, ms = 2 ** 31 - 1) {
  const values = valuesOf(deal);
  const display = (slow = false) => show(id, values, [slow && say(words.slow, values), deal.list], [STOP]);
  display();
  const timer = setTimeout(display, SLOW_MS, true);
  try {
    return await deal.on(within(ms, deal.wallet.provider.request({method, params}), LATE));
  } finally {
    clearTimeout(timer);
  }
}

/** @type {import('./dom.js').Action} */
const STOP = ['stop', back];
/** @type {import('./dom.js').Action} */
const BACK = ['back', back];

/** The list of wallets, or what to do without one. @param {Offer[]} offers @param {import('./files.js').Way} how @param {string} [notice] */
export function chooseWallet(offers, how, notice) {
  const found = wallets();
  if (how === 'none') return show('toobig');
  if (!found.length) {
    const links = isCoarse() ? deepLinks(here).map(([name, href]) => anchor(say(words.openIn, {name}), href)) : [];
    return show('nowallet', facts(offers[0], ''), [links.length ? words.phone : words.desk], [...links, ['look', () => {
      lookForWallets();
      back();
    }]]);
  }
  show('ready', {price: byId('price').textContent}, [notice, how !== 'memory' && say(words[how], {size: byteSize(page.size)})], found.map(wallet =>
    button(found[1] ? '' : 'main', () => connect(wallet, offers), !!wallet.icon && make('img', {src: wallet.icon, alt: ''}), say(words.use, wallet))));
}

/** Runs a part of the way to a signature, and says what stood in it, if that turn is still on. @param {Deal} deal @param {() => Promise<void>} f @returns {Promise<void>} */
const step = (deal, f) => f().catch(error => failed(deal, error)).catch(() => {});

/** @param {import('./wallets.js').Wallet} wallet @param {Offer[]} offers @returns {Promise<void>} */
function connect(wallet, offers) {
  /** @type {Deal} */
  const deal = {wallet, offers, on: newTurn(), offer: offers[0], from: ''};
  const {on} = deal;
  const {provider} = wallet;
  return step(deal, async () => {
    deal.from = String((await ask(deal, 'connect', 'eth_requestAccounts'))?.[0]);
    if (!deal.from.startsWith('0x')) throw {code: 4100, message: words.noAccount};
    // An offer that the wallet is ready for comes first: no change of network, and enough of its token.
    const chain = await on(currentChain(provider));
    const near = offers.filter(offer => chainOf(offer.network) === chain);
    deal.offer = near[0] ?? offers[0];
    for (const one of near[1] ? near : []) {
      if ((await on(balanceOf(provider, one.asset, deal.from)) ?? 0n) < BigInt(one.amount)) continue;
      deal.offer = one;
      break;
    }
    await check(deal);
  });
}

/** @param {Deal} deal @returns {import('./dom.js').Action} */
const other = deal => ['instead', () => {
  deal.on = newTurn();
  void step(deal, () => check(deal));
}, valuesOf(deal)];

/** Network, balance and kind of an account; then what will be signed. @param {Deal} deal */
async function check(deal) {
  const {wallet, offers, on, offer, from} = deal;
  const {provider} = wallet;
  const values = valuesOf(deal);
  await on(toNetwork(provider, offer.network, (method, params) => ask(deal, 'network', method, params)));
  show('balance', values, [], [STOP]);
  const [held, contract] = await on(Promise.all([balanceOf(provider, offer.asset, from), hasCode(provider, from)]));
  const balance = held === undefined ? '' : money(offer, held);
  const others = offers.filter(one => one !== offer).map(one => other({...deal, offer: one, list: undefined}));
  if (held !== undefined && held < BigInt(offer.amount)) {
    return show('poor', {...values, balance, missing: money(offer, BigInt(offer.amount) - held)}, [], [['look', () => connect(wallet, offers)], ...others, BACK]);
  }
  /** @type {[string, string | Node][]} */
  const rows = [
    [words.request, code('TransferWithAuthorization')],
    [words.value, say(words.amount, {...values, amount: offer.amount})],
    [words.payee, code(offer.payTo)],
    [words.good, say(words.once, {time: duration(offer.maxTimeoutSeconds)})],
    [words.fee, words.none],
  ];
  // It stands there until the signature has come.
  deal.list = make('dl', {}, ...rows.map(([term, part]) => make('div', {}, make('dt', {}, term), make('dd', {}, part))));
  show(balance ? 'confirm' : 'blind', {...values, balance}, [
    say(words.shows, values), deal.list,
    say(words.warn, values), contract && say(words.contract, values),
  ], [['sign', () => sign(deal)], ...others, BACK]);
}

/** Says what this browser did about the file before, unless the person goes on all the same. @param {() => void} goOn */
function paidBefore(goOn) {
  const found = note();
  if (!found || found.nonce === turn.despite || found.doing === 'paying') return false;
  const paid = found.doing === 'paid';
  show(paid ? 'twice' : 'open', {time: clockTime(found.at)}, [], [['look', afresh], ['anyway', () => {
    turn.despite = found.nonce;
    goOn();
  }]]);
  return true;
}

/** @param {Deal} before */
async function sign(before) {
  const goOn = () => {
    newTurn();
    void sign(before);
  };
  // A second click on the same button is none.
  if (turn.signing === turn.number || paidBefore(goOn)) return;
  const deal = {...before, on: newTurn()};
  turn.signing = turn.number;
  await step(deal, async () => {
    const nonce = freshNonce();
    const disk = await deal.on(placeFor(nonce.slice(2, 10)));
    const done = await alone(async () => {
      // The other tab may have paid while this one waited for a place.
      if (!paidBefore(goOn)) await redeem(await signed(deal, nonce), disk);
    });
    if (done !== OTHER_TAB) return;
    show('elsewhere');
    await deal.on(othersEnd());
    afresh();
  });
}

/** A signed payment of what the person saw. @param {Deal} deal @param {string} nonce @returns {Promise<import('./keep.js').Kept>} */
async function signed(deal, nonce) {
  const {on, offer, from} = deal;
  const {provider} = deal.wallet;
  const earlier = note();
  const drop = () => dropNote(nonce, earlier);
  let before = Infinity;
  const left = () => before - LEAST_LEFT - serverNow();
  addEventListener('pagehide', drop);
  leaveNote('paying', nonce);
  try {
    const terms = await on(freshTerms(passHeader()).catch(error => Promise.reject({code: 'down', message: reason(error)})));
    if (terms === 'open') throw {code: 'open'};
    const now = terms.accepts.find(one => payable(one) && offerKey(one) === offerKey(offer));
    if (JSON.stringify(now) !== JSON.stringify(offer)) throw {code: 'changed', now};
    const was = await on(currentChain(provider));
    if (was !== chainOf(offer.network)) throw {code: 'wrong', was};
    const authorization = authorizationOf(offer, from, serverNow(), nonce);
    before = Number(authorization.validBefore);
    const answer = await ask(deal, 'signing', 'eth_signTypedData_v4', [from, JSON.stringify(typedData(offer, authorization))], left() * 1000);
    const signature = normalised(answer);
    if (!signature) throw {code: 'signature', message: words.noSignature};
    // Timers stand still while the lid is closed; the clock does not.
    if (left() < 0) throw LATE;
    return {header: paymentHeader(terms, offer, signature, authorization), offer, from, nonce, before, until: before, doubt: false, paid: 0};
  } finally {
    drop();
    removeEventListener('pagehide', drop);
  }
}

/** What stood in the way. Nothing was sent, so nothing is charged. @param {Deal} deal @param {any} error */
async function failed(deal, error) {
  const {wallet, offers, offer} = deal;
  const why = errorCode(error);
  if (why === 'stopped') return;
  if (why === 'open') return afresh();
  if (why === 'changed') return home.go(true, say(words.changed, {was: money(offer), price: error.now ? money(error.now) : '?'}));
  const values = {...valuesOf(deal), code: error?.message};
  /** @param {import('./dom.js').StateId} id @param {import('./dom.js').Part[]} [more] @param {Record<string, unknown>} [also] */
  const tell = (id, more, also) => show(id, {...values, ...also}, more, [['again', () => connect(wallet, offers)], BACK]);
  if (why === 'late' || why === 'down') return tell(why);
  if (isAborted(error) || isDeclined(error)) return tell('declined');
  if (why === PENDING) return tell('pending');
  // Wallets say in many ways that they are on another network.
  const chain = error?.was ?? await deal.on(currentChain(wallet.provider).catch(() => 0));
  if (why === 'wrong' || (chain && deal.from && chain !== chainOf(offer.network))) return tell('wrong', [say(words.add, values)], {was: networkName(`eip155:${chain}`)});
  const said = `${reason(error)}${why === undefined ? '' : ` (${why})`}`;
  tell('failed', [said, /blind|contract data/i.test(said) && words.hardware]);
}
