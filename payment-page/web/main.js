// @ts-check
/** Begins: what is under way goes on, what is open opens, and else the person chooses a wallet. */
import {show, stateIs} from './dom.js';
import {afresh, home, page} from './place.js';
import {serverNow, setClock} from './clock.js';
import {OTHER_TAB, alone, forget, keepPass, passEnd, passHeader, recall} from './keep.js';
import {chainOf, networkName, payable} from './offers.js';
import {ask402, freshTerms} from './terms.js';
import {errorCode, onWallets} from './wallets.js';
import {reason} from './text.js';
import {chooseWallet, newTurn} from './buy.js';
import {clearView} from './view.js';
import {heldState, openByPass, redeem} from './redeem.js';
import {way} from './deliver.js';
import {words} from './words.js';

/** Shows the wallets again, when one comes while the person chooses. */
const choice = {show() {}};

/** @param {import('./offers.js').Terms} terms @param {import('./files.js').Way} how @param {string} [notice] */
function offered({accepts}, how, notice) {
  const offers = accepts.filter(payable);
  choice.show = () => chooseWallet(offers, how, notice);
  if (offers.length) return choice.show();
  if (accepts.some(offer => chainOf(offer.network))) return show('stale', {}, [], [['reload', () => location.reload()]]);
  show('unpayable', {network: accepts.map(offer => networkName(offer.network)).join(', ')});
}

/** @param {boolean} [fresh] whether to ask the site, though the terms are known @param {string} [notice] */
async function begin(fresh, notice) {
  const on = newTurn();
  const kept = recall();
  clearView();
  const pass = passHeader();
  // A payment that opened the file serves until its time is over, unless a pass does; one without an outcome until it has one.
  if (kept?.paid && (kept.until <= serverNow() || passEnd() > serverNow())) forget();
  else if (kept) return resume(kept);
  const held = Object.keys(pass).length > 0;
  try {
    if (fresh || held) show('asking');
    const terms = await on(fresh || held ? ask402(pass) : freshTerms({}));
    const how = await on(way());
    if (terms === 'open') return void openByPass();
    if (held) keepPass();
    offered(terms, how, notice);
  } catch (error) {
    if (errorCode(error) === 'stopped') return;
    show('down', {code: error instanceof TypeError ? words.silent : reason(error)}, [], [['again', afresh]]);
  }
}

/** @param {import('./keep.js').Kept} kept */
async function resume(kept) {
  if (kept.paid && (await way()) === 'picker') return heldState(kept);
  // The same payment twice is one payment: so it is sent whether or not another tab, a copy of this one, does that too.
  if ((await alone(() => redeem(kept))) === OTHER_TAB) await redeem(kept);
}

function start() {
  /** @type {any} */
  const navigation = performance.getEntriesByType('navigation')[0];
  setClock(page.time, navigation?.responseStart ? performance.now() - navigation.responseStart : 0);
  home.go = begin;
  // One that comes later changes nothing.
  onWallets(() => stateIs('ready', 'nowallet') && choice.show());
  addEventListener('pageshow', event => {
    if (event.persisted && !stateIs('settling', 'unknown', 'offline', 'fetching', 'done')) afresh();
  });
  home.go();
}

// A page that is fetched in case it is opened asks no wallet and no site.
if ('prerendering' in document && document.prerendering) document.addEventListener('prerenderingchange', start, {once: true});
else start();
