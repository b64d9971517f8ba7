// @ts-check
/** From a signed payment, or a pass, to the file; and what is said where that does not lead there. */
import { anchor, button, make, show, stateIs } from './dom.js';
import { clockTime, serverNow } from './clock.js';
import { here, home, page } from './place.js';
import { dropNote, forget, isStored, keep, keepPass, leaveNote, passEnd, passHeader } from './keep.js';
import { ask402, chainOf, money, networkName } from './terms.js';
import { byteSize, duration, reason, say } from './text.js';
import { isAborted, pick, receive, storeFile, way } from './deliver.js';
import { clearView, showFile } from './view.js';
import { receiptOf } from './receipt.js';
import { NOTE_SECONDS, settle } from './pay.js';
import { currentChain, toNetwork } from './chains.js';
import { fateOf } from './balance.js';
import { wallets } from './wallets.js';
import { words } from './words.js';

/** @typedef {import('./keep.js').Kept} Kept */
/** @typedef {import('./deliver.js').Disk} Disk */

/** @param {Kept} payment */
const valuesOf = (payment) => ({
  price: money(payment.offer), network: networkName(payment.offer.network), payee: payment.offer.payTo,
  account: payment.from, nonce: payment.nonce, file: page.file, size: byteSize(page.size), until: clockTime(payment.until),
});

/** Whom a refusal names to ask. @param {string | undefined} contact an e-mail address or an https URL */
function contactLine(contact) {
  if (!contact) return undefined;
  const href = /^https:/.test(contact) ? contact : 'mailto:' + encodeURIComponent(contact).replace('%40', '@');
  const [before, after] = words.contact.split('{contact}');
  return make('p', {}, before, anchor(contact, href), after);
}

/** Sends a payment until it has an outcome, and goes on from there. @param {Kept} payment @param {Disk} [disk] */
export async function redeem(payment, disk) {
  const values = valuesOf(payment);
  const stored = keep(payment);
  const memo = stored ? words.keptText : words.unkeptText;
  const counter = make('span');
  let wait = false;
  const outcome = await settle(payment, {
    sending: () => show({ id: payment.paid ? 'fetching' : 'settling', title: payment.paid ? words.fetchingPaid : words.settling, wait: true,
      body: [say(payment.paid ? words.fetchingText : words.settlingText, values)] }),
    waiting(code, lost) {
      wait = true;
      const now = { ...values, code, until: clockTime(payment.until) };
      show({ id: lost ? 'offline' : 'unknown', title: lost ? words.offline : words.unknown, wait: true,
        body: [say(lost ? words.offlineText : words.unknownText, now), memo], tick: counter });
    },
    tick(left) {
      if (wait) counter.textContent = left ? say(words.tick, { time: duration(left) }) : words.ticking;
    },
  });
  if (outcome.kind === 'open') return take(outcome.answer, payment, disk);
  if (outcome.kind === 'ended') {
    const code = outcome.code || words.noAnswer;
    if (payment.paid) return broken(payment, code);
    show(endedState(payment, say(words.endedText, { code }), words.ended));
    if (!outcome.code) window.addEventListener('online', () => stateIs('ended') && void redeem(payment), { once: true });
    return lookQuietly(payment);
  }
  const { paywall } = outcome;
  const told = { ...values, message: paywall.message, code: paywall.code };
  if (outcome.kind === 'doubt') {
    show(endedState(payment, say(words.doubtText, told), words.doubt, [paywall.nextStep, contactLine(paywall.contact)]));
    return lookQuietly(payment);
  }
  const used = outcome.kind === 'used';
  const until = paywall.until ? ` (${clockTime(paywall.until)})` : '';
  show({ id: outcome.kind, title: used ? words.used : words.refused, tone: 'bad',
    body: [say(used ? words.usedText : words.refusedText, told), paywall.nextStep + until, contactLine(paywall.contact), !used && words.refusedClean],
    actions: [button(used ? words.buy : words.again, () => home.go(true), true)] });
}

/** A payment whose outcome nobody said. Nothing here signs another one unasked. @param {Kept} payment @param {string} text @param {string} title @param {import('./dom.js').Part[]} [more] @returns {import('./dom.js').State} */
function endedState(payment, text, title, more = []) {
  const values = valuesOf(payment);
  return { id: 'ended', title, tone: 'bad',
    body: [text, ...more, say(words.endedNext, values), make('p', {}, make('code', {}, payment.nonce))],
    actions: [button(words.resend, () => void redeem(payment), true), ...lookActions(payment), anyway(payment)] };
}

/** The person's own decision to let a payment go whose outcome is open. @param {Kept} payment */
const anyway = (payment) => button(words.anyway, () => {
  // The note stays: the next step warns once more.
  leaveNote({ state: 'sent', nonce: payment.nonce, at: serverNow(), until: serverNow() + NOTE_SECONDS });
  forget();
  home.go(true);
});

/** @param {Kept} payment */
const lookActions = (payment) => wallets().slice(0, 3).map((wallet) => button(say(words.chain, wallet), () => void look(payment, wallet)));

/** Asks a wallet's node what became of a payment. @param {Kept} payment @param {import('./wallets.js').Wallet} wallet */
async function look(payment, wallet) {
  try {
    await toNetwork(wallet.provider, payment.offer.network, (method, params) => wallet.provider.request({ method, params }));
    const fate = await fateOf(wallet.provider, { asset: payment.offer.asset, ...payment });
    if (fate === 'early') throw new Error(words.notSeenTime);
    tellFate(payment, fate);
  } catch (error) {
    const { name } = wallet;
    show(endedState(payment, say(words.notSeen, { name, why: reason(error) || networkName(payment.offer.network) }), words.ended));
  }
}

/** The same, where it needs nobody: a wallet that is on the network already. @param {Kept} payment */
async function lookQuietly(payment) {
  for (const { provider } of wallets()) {
    try {
      if ((await currentChain(provider)) !== chainOf(payment.offer.network)) continue;
      const fate = await fateOf(provider, { asset: payment.offer.asset, ...payment });
      // The person may have pressed a button meanwhile.
      if (fate !== 'early' && stateIs('ended')) return tellFate(payment, fate);
    } catch {
      // The buttons are there.
    }
  }
}

/** @param {Kept} payment @param {'charged' | 'void'} fate */
function tellFate(payment, fate) {
  const values = valuesOf(payment);
  if (fate === 'void') {
    forget();
    dropNote(payment.nonce);
    return show({ id: 'void', title: words.voided, body: [say(words.voidText, values)], actions: [button(words.again, () => home.go(true), true)] });
  }
  show({ id: 'charged', title: words.charged, tone: 'bad',
    body: [say(words.chargedText, values), make('p', {}, make('code', {}, payment.nonce))],
    actions: [button(words.resend, () => void redeem(payment), true), anyway(payment)] });
}

/** Where the file goes, which for the largest is asked within a click. @param {string} name @returns {Promise<Disk | undefined>} */
async function diskFor(name) {
  const how = await way();
  if (how === 'store') return storeFile(name);
  return how === 'picker' ? pick() : undefined;
}

/** Takes the file from an answer. @param {Response} answer @param {Kept | null} payment @param {Disk} [disk] */
async function take(answer, payment, disk) {
  const given = answer.headers.get('X-PAYMENT-PASS');
  if (given) keepPass(given);
  const how = await way();
  if (!disk && how === 'pass') {
    void answer.body?.cancel();
    return download(payment ? receiptOf(answer, payment) : undefined);
  }
  // Without a place only what fits into memory is taken.
  if (!disk && how === 'picker') {
    void answer.body?.cancel();
    return heldState(payment);
  }
  const bar = make('progress', { 'aria-label': words.progress });
  const text = make('span');
  show({ id: 'fetching', title: payment ? words.fetchingPaid : words.fetching, wait: true, body: [say(words.fetchingText, { file: page.file })], tick: make('div', {}, bar, text) });
  try {
    const into = disk ?? (how === 'store' ? await storeFile(payment?.nonce.slice(2, 10) ?? 'pass') : undefined);
    const file = await receive(answer, into, (done, total) => {
      if (total) Object.assign(bar, { max: total, value: done });
      text.textContent = say(total ? words.done : words.doneSome, { done: byteSize(done), total: byteSize(total) });
    });
    const actions = await showFile(file);
    const values = { file: page.file, size: byteSize(file.size) };
    const end = passEnd(passHeader());
    show({ id: 'done', title: payment ? words.gotPaid : words.got, tone: 'good',
      body: [say(file.blob ? words.gotText : words.gotDisk, values), payment ? receiptOf(answer, payment) : undefined,
        end > serverNow() ? say(words.passUntil, { until: clockTime(end) }) : !!payment && isStored() && say(words.keepUntil, { until: clockTime(payment.until) })],
      actions });
  } catch (error) {
    broken(payment, reason(error));
  }
}

/** A download that broke off. @param {Kept | null} payment @param {string} why */
function broken(payment, why) {
  show({ id: 'broken', title: words.broken, tone: 'bad', body: [say(payment ? words.brokenText : words.brokenPass, { why })],
    actions: [button(say(words.fetch, { file: page.file }), () => void fetchAgain(payment), true)] });
}

/** The file is paid for and waits for a click. @param {Kept | null} payment */
export const heldState = (payment) => show({ id: 'held', title: words.held, tone: 'good', body: [say(words.heldText, { file: page.file })],
  actions: [button(say(words.fetch, { file: page.file }), () => void fetchAgain(payment), true)] });

/** @param {Kept | null} payment */
async function fetchAgain(payment) {
  try {
    const disk = await diskFor(payment?.nonce.slice(2, 10) ?? 'pass');
    // A pass opens the file as often as one likes, a payment three times.
    if (payment && !(passEnd(passHeader()) > serverNow())) await redeem(payment, disk);
    else await openByPass(disk);
  } catch (error) {
    if (!isAborted(error)) broken(payment, reason(error));
  }
}

/** The browser downloads by its cookie, if it has it: some keep none on plain http. @param {Node} [receipt] */
async function download(receipt) {
  const values = { file: page.file, size: byteSize(page.size) };
  if ((await ask402({}).catch(() => undefined)) !== 'open') {
    const pass = Object.entries(passHeader()).map((pair) => pair.join(': ')).join('');
    return show({ id: 'nocookie', title: words.noCookie, tone: 'bad', body: [say(words.noCookieText, values), make('pre', { tabindex: '0' }, pass), receipt] });
  }
  const link = anchor(say(words.fetch, values), here.href, { download: page.file, class: 'main' });
  show({ id: 'done', title: words.gotPass, tone: 'good', body: [say(words.gotPassText, values), receipt], actions: [link] });
  link.click();
}

/** Fetches the file by a pass or a cookie. @param {Disk} [disk] */
export async function openByPass(disk) {
  clearView();
  const how = await way();
  if (how === 'pass' || how === 'none') return download();
  if (how === 'picker' && !disk) return heldState(null);
  show({ id: 'fetching', title: words.fetching, wait: true, body: [say(words.fetchingText, { file: page.file })] });
  try {
    const answer = await fetch(here.href, { headers: passHeader(), cache: 'no-store', credentials: 'same-origin', redirect: 'error' });
    if (!answer.ok) return home.go(true);
    await take(answer, null, disk);
  } catch (error) {
    broken(null, reason(error));
  }
}
