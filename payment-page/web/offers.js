// @ts-check
/** What the site asks, as it stands in PAYMENT-REQUIRED, and what of it a wallet in a browser can pay. */
import {networks, tokens} from './site.js';
import {say, short, units} from './text.js';
import {words} from './words.js';

/**
 * An offer goes back as it came.
 * @typedef {object} Offer
 * @property {string} scheme
 * @property {string} network
 * @property {string} amount
 * @property {string} asset
 * @property {string} payTo
 * @property {number} maxTimeoutSeconds
 * @property {{name: string, version: string, assetTransferMethod?: string}} extra
 *
 * @typedef {{x402Version: number, resource: unknown, accepts: Offer[]}} Terms
 */

const byAddress = new Map(Object.entries(tokens).map(([name, token]) => [name.toLowerCase(), token]));

/** What is the same offer, at whatever price. @param {Offer} offer */
export const offerKey = ({network, asset}) => `${network}/${asset}`.toLowerCase();

/** @param {Offer} offer */
export const tokenOf = offer => byAddress.get(offerKey(offer));

/** A network's chain id, or 0. @param {unknown} network */
export const chainOf = network => Number(/^eip155:(\d+)$/.exec(String(network))?.[1] ?? 0);

/** A network's name for people. @param {string} network */
export const networkName = network => networks[network]?.name ?? (chainOf(network) ? say(words.chain, {id: chainOf(network)}) : String(network).split(':')[0]);

/** An amount of an offer's token. @param {Offer} offer @param {string | bigint} [amount] */
export function money(offer, amount = offer.amount) {
  const token = tokenOf(offer);
  return token ? `${units(amount, token.decimals)} ${token.symbol}` : String(amount);
}

/** What texts about a payment are filled with. @param {Offer} offer @param {string} from */
export const facts = (offer, from) => ({
  price: money(offer), network: networkName(offer.network), id: chainOf(offer.network), token: tokenOf(offer)?.symbol, payee: offer.payTo, from, account: short(from),
});

/** Whether this page can pay an offer. What the compiler did not name in `site.js` is not guessed. @param {Offer} offer */
export const payable = offer => offer.scheme === 'exact' && chainOf(offer.network) > 0 && networks[offer.network] && tokenOf(offer) && offer.extra?.version;
