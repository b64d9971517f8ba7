// @ts-check
/** Begins: what is under way goes on, what is open opens, and else the person chooses a wallet. */
import { button, show, stateIs } from './dom.js';
import { home, page, termsBlock } from './place.js';
import { serverNow, setClock } from './clock.js';
import { OTHER_TAB, alone, forget, guardUnload, keepPass, kept, passHeader } from './keep.js';
import { ask402, chainOf, checked, freshTerms, holdTerms, networkName, payable } from './terms.js';
import { errorCode, onWallets } from './wallets.js';
import { reason, say } from './text.js';
import { chooseWallet, newTurn } from './buy.js';
import { clearView } from './view.js';
import { heldState, openByPass, redeem } from './redeem.js';
import { way } from './deliver.js';
import { words } from './words.js';

/** @typedef {import('./terms.js').Offer} Offer */

/** What can be paid here, once it is known, and what the person is told beside it. @type {{offers: Offer[], how: import('./deliver.js').Way, notice?: string}} */
const choice = { offers: [], how: 'memory' };

/** @param {import('./terms.js').Terms} terms */
function offered(terms) {
  choice.offers = terms.accepts.filter(payable);
  if (choice.offers.length) return chooseWallet(choice.offers, choice.how, choice.notice);
  if (terms.accepts.some((offer) => chainOf(String(offer?.network)))) return stale();
  const names = [...new Set(terms.accepts.map((offer) => networkName(String(offer?.network))))].join(', ');
  show({ id: 'unpayable', title: words.noOffer, body: [say(words.noOfferText, { networks: names })] });
}

const stale = () => show({ id: 'stale', title: words.stale, tone: 'bad', body: [words.staleText], actions: [button(words.reload, () => location.reload(), true)] });

/** @param {boolean} fresh whether to ask the site, though the terms are known */
async function begin(fresh) {
  const on = newTurn();
  const payment = kept();
  clearView();
  // A payment that opened the file serves until its time is over; one without an outcome until it has one.
  if (payment && payment.paid && payment.until <= serverNow()) forget();
  else if (payment) return resume(payment);
  const pass = passHeader();
  const held = Object.keys(pass).length > 0;
  try {
    if (fresh || held) show({ id: 'asking', title: words.asking, wait: true, body: [words.askingText] });
    const terms = await on(fresh || held ? ask402(pass) : freshTerms({}));
    choice.how = await on(way());
    if (terms === 'open') return void openByPass();
    if (held) keepPass();
    offered(terms);
  } catch (error) {
    if (errorCode(error) === 'stopped') return;
    const code = error instanceof TypeError ? words.noAnswer : reason(error);
    show({ id: 'down', title: words.down, tone: 'bad', body: [say(words.downText, { code })], actions: [button(words.again, () => home.go(true), true)] });
  }
}

/** @param {import('./keep.js').Kept} payment */
async function resume(payment) {
  if (payment.paid && (await way()) === 'picker') return heldState(payment);
  // The same payment twice is one payment: so it is sent whether or not another tab, a copy of this one, does that too.
  if ((await alone(() => redeem(payment))) === OTHER_TAB) await redeem(payment);
}

function start() {
  const arrived = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType('navigation')[0])?.responseStart;
  setClock(page.time, arrived ? performance.now() - arrived : 0);
  try {
    if (termsBlock) holdTerms(checked(termsBlock));
  } catch {
    // They are read by HEAD.
  }
  home.go = (fresh = false) => {
    choice.notice = undefined;
    void begin(fresh);
  };
  home.changed = (notice) => {
    choice.notice = notice;
    void begin(true);
  };
  guardUnload();
  onWallets(() => {
    // One that comes later changes nothing.
    if (stateIs('ready', 'nowallet')) chooseWallet(choice.offers, choice.how, choice.notice);
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted && !stateIs('settling', 'unknown', 'offline', 'fetching', 'done')) home.go(true);
  });
  home.go();
}

// A page that is fetched in case it is opened asks no wallet and no site.
if (/** @type {any} */ (document).prerendering) document.addEventListener('prerenderingchange', start, { once: true });
else start();
