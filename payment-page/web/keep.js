// @ts-check
/**
 * What outlives a reload: the payment that is under way and the pass, in this tab alone; and, for the other tabs, a
 * note that there is a payment, without what opens the file.
 */
import {PLACE} from './place.js';
import {serverNow, sleep} from './clock.js';

/**
 * A signed payment. It is kept before it is first sent, so that no reload leads to a second signature.
 * @typedef {object} Kept
 * @property {string} header
 * @property {import('./offers.js').Offer} offer
 * @property {string} from
 * @property {string} nonce
 * @property {number} before  The second at which the token takes it no more.
 * @property {number} until  The second until which it is sent again by itself.
 * @property {boolean} doubt  Whether a try may have gone through.
 * @property {number} paid  When it opened the file, in seconds; 0 if it did not.
 */

/** Storage may be blocked: then nothing is kept, and the page says so. @param {'sessionStorage' | 'localStorage'} where @param {string} key @param {unknown} [value] nothing: remove it */
function put(where, key, value) {
  try {
    if (value === undefined) window[where].removeItem(key);
    else window[where].setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** @param {'sessionStorage' | 'localStorage'} where @param {string} key @returns {any} */
function get(where, key) {
  try {
    return JSON.parse(window[where].getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** The payment and the pass of this page, also where nothing can be stored. @type {{now: Kept | null, stored: boolean, pass?: string}} */
const mine = {now: null, stored: true};

/** The payment that is kept, if it is one. @returns {Kept | null} */
export function recall() {
  mine.now ??= get('sessionStorage', PLACE);
  return mine.now?.header ? mine.now : null;
}

/** @param {Kept} kept */
export function keep(kept) {
  mine.now = kept;
  mine.stored = put('sessionStorage', PLACE, kept);
}

/** Lets a payment go: it was refused, or its time is over, or the person said so. */
export function forget() {
  mine.now = null;
  mine.stored = true;
  put('sessionStorage', PLACE);
}

/** Whether a reload finds the payment. */
export const isStored = () => mine.stored;

/** The header of a pass, if one is held. @returns {Record<string, string>} */
export function passHeader() {
  const pass = mine.pass ?? get('sessionStorage', PLACE + ' pass');
  return pass ? {'X-PAYMENT-PASS': pass} : {};
}

/** @param {string} [pass] nothing: let it go */
export const keepPass = pass => put('sessionStorage', PLACE + ' pass', mine.pass = pass);

/** When the pass ends, in seconds, which it begins with; 0 without one. */
export const passEnd = () => Number((passHeader()['X-PAYMENT-PASS'] ?? '').split('.')[0]) || 0;

/** So long a note tells of what is over, in seconds. */
const NOTE_SECONDS = 600;

/** What a payment does: a wallet is asked, or it is sent, or it opened the file. @typedef {'paying' | 'sent' | 'paid'} Doing */

/** The note of a payment of this browser, if it still tells something. @returns {{doing: Doing, nonce: string, at: number, until: number} | undefined} */
export function note() {
  const found = get('localStorage', PLACE);
  return found?.until > serverNow() ? found : undefined;
}

/** @param {Doing} doing @param {string} nonce @param {number} [until] */
export const leaveNote = (doing, nonce, until = serverNow()) => put('localStorage', PLACE, {doing, nonce, at: serverNow(), until: until + NOTE_SECONDS});

/** Takes a note back, if it is still of this payment; what an earlier one left stands again. @param {string} nonce @param {unknown} [earlier] */
export function dropNote(nonce, earlier) {
  if (get('localStorage', PLACE)?.nonce === nonce) put('localStorage', PLACE, earlier);
}

/** That another tab holds the lock. */
export const OTHER_TAB = Symbol();

/**
 * Does what only one tab may do at a time. Where there are no locks (plain http), the notes have to do: they are late by
 * a moment, and what two tabs begin in the same moment the site tells apart by payer.
 * @template T @param {() => Promise<T>} f @returns {Promise<T | typeof OTHER_TAB>}
 */
export async function alone(f) {
  let begun = false;
  try {
    if (navigator.locks) {
      return await navigator.locks.request(PLACE, {ifAvailable: true}, lock => {
        begun = true;
        return lock ? f() : OTHER_TAB;
      });
    }
  } catch (error) {
    // Browsers that block storage may refuse locks as well.
    if (begun) throw error;
  }
  return note()?.doing === 'paying' ? OTHER_TAB : f();
}

/** Waits until the other tab has ended. */
export async function othersEnd() {
  while ((await alone(async () => {})) === OTHER_TAB) await sleep(1000);
}
