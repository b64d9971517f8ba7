// @ts-check
/** What the site asks for this file, and which of its offers a wallet in a browser can pay. */
import { networks, tokens } from './site.js';
import { decode64, say, units } from './text.js';
import { setClock, clockAge } from './clock.js';
import { here } from './place.js';
import { words } from './words.js';

/**
 * @typedef {object} Offer  As it stands in PAYMENT-REQUIRED; it goes back as it came.
 * @property {string} scheme
 * @property {string} network
 * @property {string} amount
 * @property {string} asset
 * @property {string} payTo
 * @property {number} maxTimeoutSeconds
 * @property {{name: string, version: string, assetTransferMethod?: string}} extra
 *
 * @typedef {{x402Version: number, resource: unknown, accepts: Offer[], extensions?: unknown}} Terms
 */

/** Terms that are older are read again before something is signed, in milliseconds: prices change. */
export const FRESH_MS = 300_000;

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

const byAddress = new Map(Object.entries(tokens).map(([name, token]) => [name.toLowerCase(), token]));

/** @param {Offer} offer */
export const tokenOf = (offer) => byAddress.get(`${offer.network}/${offer.asset}`.toLowerCase());

/** @param {string} network */
export const chainOf = (network) => (/^eip155:\d+$/.test(network) ? Number(network.slice(7)) : 0);

/** A network's name for people. @param {string} network */
export function networkName(network) {
  const known = networks[network];
  if (known) return known.test ? say(words.test, { name: known.name }) : known.name;
  const chain = chainOf(network);
  return chain ? say(words.chainId, { id: chain }) : network.split(':')[0];
}

/** An amount of an offer's token. @param {Offer} offer @param {string | bigint} [amount] */
export function money(offer, amount = offer.amount) {
  const token = tokenOf(offer);
  return token ? `${units(amount, token.decimals)} ${token.symbol}` : String(amount);
}

/** Whether this page can pay an offer: nothing of it is guessed. @param {Offer} offer */
export const payable = (offer) =>
  offer?.scheme === 'exact' && chainOf(String(offer.network)) > 0 && !!networks[offer.network] && !!tokenOf(offer)
  && (offer.extra?.assetTransferMethod ?? 'eip3009') === 'eip3009'
  && typeof offer.extra?.name === 'string' && typeof offer.extra.version === 'string'
  && /^[1-9]\d{0,77}$/.test(offer.amount) && ADDRESS.test(offer.asset) && ADDRESS.test(offer.payTo)
  && offer.maxTimeoutSeconds > 0;

/** What is the same offer, at whatever price. @param {Offer} offer */
export const offerKey = (offer) => `${offer.network}/${offer.asset}`.toLowerCase();

/** @param {any} terms @returns {Terms} */
export function checked(terms) {
  if (terms?.x402Version !== 2 || !Array.isArray(terms.accepts)) throw new Error(words.noTerms);
  return terms;
}

/** The terms in force, and when they were read. @type {{terms?: Terms}} */
const held = {};

/** @param {Terms} terms */
export const holdTerms = (terms) => { held.terms = terms; };

/** Takes the time of an answer for the server's; but for the file's own, which may lie in a cache. @param {Response} answer */
export function timeOf(answer) {
  if (!answer.ok) setClock(Math.floor(Date.parse(answer.headers.get('Date') ?? '') / 1000));
}

/**
 * Asks the site by HEAD, which costs nothing: the file is open to the person, or there are terms.
 * @param {Record<string, string>} headers @returns {Promise<'open' | Terms>}
 */
export async function ask402(headers) {
  const answer = await fetch(here.href, { method: 'HEAD', headers, cache: 'no-store', credentials: 'same-origin', redirect: 'error', signal: AbortSignal.timeout(30_000) });
  timeOf(answer);
  if (answer.ok) return 'open';
  const terms = answer.headers.get('PAYMENT-REQUIRED');
  if (answer.status !== 402 || !terms) throw new Error(say(words.http, { status: answer.status }));
  held.terms = checked(decode64(terms));
  return held.terms;
}

/** The terms, read anew if they are not fresh. @param {Record<string, string>} headers */
export async function freshTerms(headers) {
  return held.terms && clockAge() < FRESH_MS ? held.terms : ask402(headers);
}
