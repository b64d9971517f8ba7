// @ts-check
/** From a wallet to a signature. What is under way ends when the person turns to something else: late answers are dropped. */
import { anchor, button, byId, list, make, show, stateIs } from './dom.js';
import { clockTime, serverNow } from './clock.js';
import { here, home, page } from './place.js';
import { OTHER_TAB, alone, dropNote, leaveNote, note, othersEnd, passHeader } from './keep.js';
import { chainOf, freshTerms, money, networkName, offerKey, payable, tokenOf } from './terms.js';
import { byteSize, duration, reason, say, short } from './text.js';
import { isAborted, isCoarse, pick, storeFile, way } from './deliver.js';
import { deepLinks, errorCode, isDeclined, lookForWallets, wallets } from './wallets.js';
import { PENDING, WrongNetwork, currentChain, toNetwork } from './chains.js';
import { balanceOf, kindOf } from './balance.js';
import { authorizationOf, freshNonce, normalised, paymentHeader, typedData } from './sign.js';
import { redeem } from './redeem.js';
import { words } from './words.js';

/** @typedef {import('./wallets.js').Wallet} Wallet */
/** @typedef {import('./terms.js').Offer} Offer */

/** A wallet that is silent for so long, in milliseconds, may be hidden or locked. */
const SLOW_MS = 20_000;

/** A signature with less time left, in seconds, is not sent: the site refuses it. WINDOW_LEFT_SECONDS of paywall-core/src/limits.rs, and the way there. */
export const LEAST_LEFT = 21;

/**
 * The turn that is on: how it is ended, which of them signs, and for which account and network the page stands; and the
 * earlier payment in spite of which the person goes on.
 */
const turn = { number: 0, signing: -1, end() {}, from: '', chain: 0, despite: '' };

const STOPPED = { code: 'stopped' };
const LATE = { code: 'late' };

/**
 * Ends what is under way and begins a turn. What it gives waits for something, unless the turn is over by then: so
 * what a wallet answers late is dropped, and nobody waits for one that never answers.
 */
export function newTurn() {
  turn.end();
  turn.number += 1;
  /** @type {Promise<never>} */
  const over = new Promise((_, reject) => { turn.end = () => reject(STOPPED); });
  over.catch(() => {});
  return (/** @type {any} */ promise) => Promise.race([over, promise]);
}

/** @typedef {ReturnType<typeof newTurn>} On */

/** What wallets are asked, in state `id`. @typedef {{id: 'connect' | 'network' | 'balance' | 'signing', title: string, text: string, tick?: import('./dom.js').Part}} Waiting */

/**
 * Asks a wallet, and says so; lets the person stop.
 * @param {On} on @param {Wallet} wallet @param {Waiting} waiting @param {string} method @param {unknown[]} [params] @param {number} [within] milliseconds
 * @returns {Promise<any>}
 */
function ask(on, wallet, { id, title, text, tick }, method, params, within) {
  const display = (/** @type {boolean} */ slow) => show({ id, title, wait: true, body: [text, slow && say(words.slow, wallet)], tick, actions: [button(words.stop, () => home.go())] });
  /** @type {ReturnType<typeof setTimeout>[]} */
  const timers = [];
  display(false);
  return on(new Promise((resolve, reject) => {
    timers.push(setTimeout(() => display(true), SLOW_MS));
    if (within !== undefined) timers.push(setTimeout(() => reject(LATE), within));
    Promise.resolve(wallet.provider.request(params ? { method, params } : { method })).then(resolve, reject);
  })).finally(() => timers.forEach(clearTimeout));
}

/** What texts about an offer are filled with. @param {Offer} offer @param {Wallet} wallet */
const purchase = (offer, wallet) => ({ name: wallet.name, price: money(offer), network: networkName(offer.network), token: tokenOf(offer)?.symbol, id: chainOf(offer.network) });

/** The list of wallets, or what to do without one. @param {Offer[]} offers @param {import('./deliver.js').Way} how @param {string} [notice] */
export function chooseWallet(offers, how, notice) {
  const found = wallets();
  const price = offers.length === 1 ? money(offers[0]) : byId('price').textContent;
  const size = byteSize(page.size);
  if (how === 'none') return show({ id: 'toobig', title: words.tooBig, tone: 'bad', body: [say(words.tooBigText, { size })] });
  if (!found.length) {
    const on = { token: [...new Set(offers.map((offer) => tokenOf(offer)?.symbol))].join(', '), networks: [...new Set(offers.map((offer) => networkName(offer.network)))].join(', ') };
    const links = isCoarse() ? deepLinks(here).map(([name, href]) => anchor(say(words.openIn, { name }), href)) : [];
    return show({ id: 'nowallet', title: words.noWallet, body: [say(words.noWalletText, on), links.length ? words.noWalletPhone : words.noWalletDesk], actions: [...links, button(words.look, () => {
      lookForWallets();
      home.go();
    })] });
  }
  const buttons = found.map((wallet) => {
    const one = button('', () => void connect(wallet, offers), found.length === 1);
    if (wallet.icon) one.append(make('img', { src: wallet.icon, alt: '' }));
    one.append(say(words.use, wallet));
    return one;
  });
  const large = { picker: words.pick, store: words.disk, pass: words.byPass, memory: '' }[how];
  show({ id: 'ready', title: say(words.ready, { price }), body: [notice, words.readyText, large && say(large, { size })], actions: buttons });
}

/** Runs a part of the way to a signature, and says what stood in it. @param {Wallet} wallet @param {Offer[]} offers @param {Offer} offer @param {() => Promise<void>} f */
async function step(wallet, offers, offer, f) {
  try {
    await f();
  } catch (error) {
    failed(wallet, offers, offer, error);
  }
}

/** @param {Wallet} wallet @param {Offer[]} offers */
function connect(wallet, offers) {
  const on = newTurn();
  return step(wallet, offers, offers[0], async () => {
    const { provider } = wallet;
    const accounts = await ask(on, wallet, { id: 'connect', title: say(words.connect, wallet), text: say(words.connectText, wallet) }, 'eth_requestAccounts');
    const from = String(accounts?.[0]);
    if (!/^0x[0-9a-fA-F]{40}$/.test(from)) throw { code: 4100, message: words.noAccount };
    watch(wallet, offers);
    // An offer that the wallet is ready for comes first: no change of network, and enough of its token.
    const chain = await on(currentChain(provider));
    const near = offers.filter((offer) => chainOf(offer.network) === chain);
    let offer = near[0] ?? offers[0];
    for (const one of near.length > 1 ? near : []) {
      const balance = await on(balanceOf(provider, one.asset, from));
      if (balance !== undefined && balance >= BigInt(one.amount)) {
        offer = one;
        break;
      }
    }
    await check(on, wallet, offers, offer, from);
  });
}

/** @type {WeakSet<object>} */
const watched = new WeakSet();

/** Another account or network makes untrue what is shown; while a wallet is asked, its answer tells. @param {Wallet} wallet @param {Offer[]} offers */
function watch(wallet, offers) {
  if (!wallet.provider.on || watched.has(wallet.provider)) return;
  watched.add(wallet.provider);
  wallet.provider.on('accountsChanged', (accounts) => {
    const first = /** @type {any} */ (accounts)?.[0];
    if (first && String(first).toLowerCase() !== turn.from && stateIs('poor', 'confirm')) void connect(wallet, offers);
  });
  wallet.provider.on('chainChanged', (chain) => {
    if (Number(chain) === turn.chain ? stateIs('wrong') : stateIs('poor', 'confirm')) void connect(wallet, offers);
  });
}

/** Network, balance and kind of an account; then what will be signed. @param {On} on @param {Wallet} wallet @param {Offer[]} offers @param {Offer} offer @param {string} from */
async function check(on, wallet, offers, offer, from) {
  const { provider } = wallet;
  const values = purchase(offer, wallet);
  Object.assign(turn, { from: from.toLowerCase(), chain: chainOf(offer.network) });
  await on(toNetwork(provider, offer.network, (method, params) => ask(on, wallet, { id: 'network', title: say(words.network, values), text: say(words.networkText, values) }, method, params)));
  show({ id: 'balance', title: words.balance, wait: true, body: [say(words.balanceText, values)], actions: [button(words.stop, () => home.go())] });
  /** @type {[bigint | undefined, '' | 'contract' | 'delegated']} */
  const [balance, kind] = await on(Promise.all([balanceOf(provider, offer.asset, from), kindOf(provider, from)]));
  const told = { ...values, account: short(from), balance: balance === undefined ? '' : money(offer, balance) };
  const others = offers.filter((one) => one !== offer).map((one) => button(say(words.instead, { price: money(one), network: networkName(one.network) }), () => {
    const next = newTurn();
    void step(wallet, offers, one, () => check(next, wallet, offers, one, from));
  }));
  const back = button(words.back, () => home.go());
  if (balance !== undefined && balance < BigInt(offer.amount)) {
    const missing = money(offer, BigInt(offer.amount) - balance);
    return show({ id: 'poor', title: say(words.poor, values), tone: 'bad', body: [say(words.poorText, { ...told, missing })],
      actions: [button(words.look, () => void connect(wallet, offers), true), button(words.account, () => void otherAccount(wallet, offers)), ...others, back] });
  }
  show({ id: 'confirm', title: words.confirm, body: [
    say(balance === undefined ? words.confirmBlind : words.confirmText, told), say(words.confirmShows, told),
    list([
      [words.request, make('code', {}, 'TransferWithAuthorization')],
      [words.value, say(words.valueText, { ...told, amount: offer.amount })],
      [words.payee, make('code', {}, offer.payTo)],
      [words.good, say(words.goodText, { time: duration(offer.maxTimeoutSeconds) })],
      [words.fee, words.feeText],
    ]),
    say(words.warn, told), kind && say(words[kind], told)],
  actions: [button(say(words.sign, wallet), () => void sign(wallet, offers, offer, from), true), ...others, back] });
}

/** Lets the person choose another account, where the wallet can. @param {Wallet} wallet @param {Offer[]} offers */
function otherAccount(wallet, offers) {
  const on = newTurn();
  return step(wallet, offers, offers[0], async () => {
    await ask(on, wallet, { id: 'connect', title: say(words.connect, wallet), text: say(words.connectText, wallet) }, 'wallet_requestPermissions', [{ eth_accounts: {} }]);
    await connect(wallet, offers);
  });
}

/** What another tab, or this one before, did about this file, and whether the person goes on all the same. @param {() => void} goOn */
function paidBefore(goOn) {
  const found = note();
  if (!found || found.nonce === turn.despite || found.state === 'paying') return false;
  const paid = found.state === 'paid';
  const time = clockTime(paid ? found.at : found.until);
  show({ id: 'twice', title: paid ? words.twice : words.open, tone: 'bad', body: [say(paid ? words.twiceText : words.openText, { time })],
    actions: [button(words.anyway, () => {
      turn.despite = found.nonce;
      goOn();
    }), button(words.again, () => home.go(true), true)] });
  return true;
}

/** @param {Wallet} wallet @param {Offer[]} offers @param {Offer} offer @param {string} from */
async function sign(wallet, offers, offer, from) {
  const again = () => void sign(wallet, offers, offer, from);
  // A second click on the same button is none.
  if (turn.signing === turn.number || paidBefore(again)) return;
  const on = newTurn();
  turn.signing = turn.number;
  await step(wallet, offers, offer, async () => {
    const nonce = freshNonce();
    // Within the click: the browser asks for a place only then.
    const how = await on(way());
    const disk = how === 'picker' ? await on(pick()) : how === 'store' ? await on(storeFile(nonce.slice(2, 10))) : undefined;
    const done = await alone(async () => {
      // The other tab may have paid while this one waited for a place.
      if (paidBefore(again)) return;
      const payment = await signed(on, wallet, offer, from, nonce);
      if (payment) await redeem(payment, disk);
    });
    if (done !== OTHER_TAB) return;
    show({ id: 'elsewhere', title: words.elsewhere, wait: true, body: [words.elsewhereText] });
    await on(othersEnd());
    home.go(true);
  });
}

/**
 * A signed payment, or nothing where the terms are not those that the person saw.
 * @param {On} on @param {Wallet} wallet @param {Offer} offer @param {string} from @param {string} nonce
 * @returns {Promise<import('./keep.js').Kept | undefined>}
 */
async function signed(on, wallet, offer, from, nonce) {
  const { provider } = wallet;
  const drop = () => dropNote(nonce);
  const counter = make('span');
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;
  window.addEventListener('pagehide', drop);
  leaveNote({ state: 'paying', nonce, at: serverNow(), until: serverNow() + 600 });
  try {
    const terms = await on(freshTerms(passHeader()).catch((error) => Promise.reject({ code: 'down', message: reason(error) })));
    if (terms === 'open') throw { code: 'open' };
    const now = terms.accepts.find((/** @type {Offer} */ one) => payable(one) && offerKey(one) === offerKey(offer));
    if (JSON.stringify(now) !== JSON.stringify(offer)) throw { code: 'changed', now };
    const chain = await on(currentChain(provider));
    if (chain !== chainOf(offer.network)) throw new WrongNetwork(chain);
    const authorization = authorizationOf(offer, from, serverNow(), nonce);
    const before = Number(authorization.validBefore);
    const left = () => before - LEAST_LEFT - serverNow();
    const count = () => { counter.textContent = say(words.left, { time: duration(left()) }); };
    ticking = setInterval(count, 1000);
    count();
    const waiting = /** @type {const} */ ({ id: 'signing', title: words.signing, text: say(words.signingText, wallet), tick: counter });
    const answer = await ask(on, wallet, waiting, 'eth_signTypedData_v4', [from, JSON.stringify(typedData(offer, authorization))], Math.max(0, left()) * 1000);
    const signature = normalised(answer);
    if (!signature) throw { code: 'signature', message: words.noSignature };
    // Timers stand still while the lid is closed; the clock does not.
    if (left() < 0) throw LATE;
    return { header: paymentHeader(terms, offer, signature, authorization), offer, from, nonce, before, until: before, doubt: false, paid: 0 };
  } catch (error) {
    drop();
    // Wallets say in many ways that they have changed to another network.
    if (!ours(error)) {
      const chain = await on(currentChain(provider).catch(() => turn.chain));
      if (chain !== turn.chain) throw new WrongNetwork(chain);
    }
    throw error;
  } finally {
    clearInterval(ticking);
    window.removeEventListener('pagehide', drop);
  }
}

/** Whether an error is no wallet's, or says all. @param {any} error */
const ours = (error) => error instanceof WrongNetwork || ['stopped', 'late', 'down', 'open', 'changed', 'signature', PENDING].includes(errorCode(error)) || isDeclined(error);

/** What stood in the way. Nothing was sent, so nothing is charged. @param {Wallet} wallet @param {Offer[]} offers @param {Offer} offer @param {any} error */
function failed(wallet, offers, offer, error) {
  const code = errorCode(error);
  if (code === 'stopped') return;
  if (code === 'open') return home.go(true);
  if (code === 'changed') return home.changed(say(words.changedText, { was: money(offer), price: error.now ? money(error.now) : words.noPrice }));
  const values = purchase(offer, wallet);
  const retry = button(words.again, () => void connect(wallet, offers), true);
  const actions = [retry, button(words.back, () => home.go())];
  /** @param {string} id @param {string} title @param {import('./dom.js').Part[]} body */
  const tell = (id, title, body) => show({ id, title: say(title, values), tone: 'bad', body, actions });
  if (error instanceof WrongNetwork) {
    const was = error.was ? networkName(`eip155:${error.was}`) : '?';
    return tell('wrong', words.wrong, [say(words.wrongText, { ...values, was }), say(words.wrongAdd, values)]);
  }
  if (code === 'late') return tell('late', words.late, [say(words.lateText, { ...values, time: duration(offer.maxTimeoutSeconds) })]);
  if (isAborted(error)) return tell('nofile', words.noFile, [words.noFileText]);
  if (isDeclined(error)) return tell('declined', words.declined, [words.declinedText]);
  if (code === 'down') return tell('down', words.down, [say(words.downText, { code: error.message })]);
  if (code === PENDING) return tell('pending', words.pending, [say(words.pendingText, values)]);
  const said = `${reason(error)}${code === undefined ? '' : ` (${code})`}`;
  tell('wallet-error', words.walletError, [words.walletErrorText, make('p', { class: 'said' }, said), /blind|contract data/i.test(said) && words.blind]);
}
