// @ts-check
/** The terms in force: from the document, or by HEAD. */
import {decode64} from './text.js';
import {clockAge, setClock} from './clock.js';
import {here, termsBlock} from './place.js';

/** Terms that are older are read again before something is signed, in milliseconds: prices change. */
const FRESH_MS = 300_000;

/** @typedef {import('./offers.js').Terms} Terms */
/** @type {{terms: Terms | null}} */
const held = {terms: termsBlock};

/** Takes the time of an answer for the server's; but for the file's own, which may lie in a cache. @param {Response} answer */
export function timeOf(answer) {
  if (!answer.ok) setClock(Math.floor(Date.parse(answer.headers.get('Date') ?? '') / 1000));
}

/** Asks for this file, and only this site. @param {RequestInit} options */
export const request = options => fetch(here.href, {cache: 'no-store', credentials: 'same-origin', redirect: 'error', ...options});

/** Asks by HEAD, which costs nothing: the file is open to the person, or there are terms. @param {Record<string, string>} headers @returns {Promise<'open' | Terms>} */
export async function ask402(headers) {
  const answer = await request({method: 'HEAD', headers, signal: AbortSignal.timeout(30_000)});
  timeOf(answer);
  if (answer.ok) return 'open';
  if (answer.status !== 402) throw new Error(`HTTP ${answer.status}`);
  /** @type {Terms} */
  const terms = decode64(answer.headers.get('PAYMENT-REQUIRED'));
  held.terms = terms;
  return terms;
}

/** The terms, read anew if they are not fresh. @param {Record<string, string>} headers */
export async function freshTerms(headers) {
  return held.terms && clockAge() < FRESH_MS ? held.terms : ask402(headers);
}
