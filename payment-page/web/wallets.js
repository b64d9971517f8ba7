// @ts-check
/** The wallets of this browser: EIP-6963, and `window.ethereum` where none announces itself. https://eips.ethereum.org/EIPS/eip-6963 */
import {within} from './clock.js';
import {words} from './words.js';

/**
 * @typedef {{request(call: {method: string, params?: unknown}): Promise<any>, on?(event: string, f: (value: any) => void): void, isMetaMask?: boolean}} Provider
 * @typedef {{name: string, icon: string, provider: Provider}} Wallet
 */

/** A wallet's node that is silent for so long, in milliseconds, has no answer. */
const QUIET_MS = 10_000;

/** @type {(Wallet & {id: string, rdns: string})[]} */
const announced = [];

/** What a wallet announced. Its name and its icon are its own claims: text, and a picture without scripts. @param {any} detail @returns {boolean} whether it is new */
function announce(detail) {
  const {info, provider} = detail ?? {};
  if (!info || typeof provider?.request !== 'function') return false;
  const [id, name, rdns, icon] = [info.uuid, info.name, info.rdns, info.icon].map(String);
  // Wallets announce themselves again at each request, some under a new id.
  if (announced.some(one => one.id === id || (one.rdns === rdns && one.provider === provider))) return false;
  announced.push({id, name: name.slice(0, 40) || rdns, icon: /^data:image\//.test(icon) ? icon : '', rdns, provider});
  return true;
}

/** Asks for wallets again. */
export const lookForWallets = () => dispatchEvent(new Event('eip6963:requestProvider'));

/** All wallets; those of one name are numbered. @returns {Wallet[]} */
export function wallets() {
  /** @type {any} */
  const {ethereum: provider} = window;
  if (!announced[0] && provider?.request) return [{name: provider.isMetaMask ? 'MetaMask' : words.wallet, icon: '', provider}];
  return announced.map(one => {
    const alike = announced.filter(({name}) => name === one.name);
    return alike[1] ? {...one, name: `${one.name} (${alike.indexOf(one) + 1})`} : one;
  });
}

/** Listens for wallets from now on: some come late. @param {() => void} changed */
export function onWallets(changed) {
  /** @param {any} event */
  const heard = event => announce(event.detail) && changed();
  addEventListener('eip6963:announceProvider', heard);
  addEventListener('ethereum#initialized', changed);
  lookForWallets();
  for (const ms of [1000, 3000]) setTimeout(lookForWallets, ms);
}

/** All codes that a wallet's error bears, outermost first. @param {any} error */
const codes = error => [error?.code, error?.data?.originalError?.code, error?.cause?.code];

/** @param {any} error */
export const errorCode = error => codes(error).find(code => code !== undefined);

/** Whether the person said no. @param {any} error */
export const isDeclined = error => codes(error).some(code => code === 4001 || code === 'ACTION_REJECTED');

/** Asks what shows nothing to the person; not for ever. @param {Provider} provider @param {string} method @param {unknown[]} [params] */
export const read = async (provider, method, params) => within(QUIET_MS, provider.request({method, params}), words.silent);

/** Opens this page in a wallet's own browser. Each maker's page of it: docs.metamask.io, docs.cdp.coinbase.com, developer.trustwallet.com, docs.phantom.com. @param {URL} url @returns {[string, string][]} */
export function deepLinks(url) {
  const whole = encodeURIComponent(url.href);
  return [
    ['MetaMask', `https://link.metamask.io/dapp/${url.host}${url.pathname}${url.search}`],
    ['Coinbase Wallet', `https://go.cb-w.com/dapp?cb_url=${whole}`],
    ['Trust Wallet', `https://link.trustwallet.com/open_url?coin_id=60&url=${whole}`],
    ['Phantom', `https://phantom.app/ul/browse/${whole}?ref=${encodeURIComponent(url.origin)}`],
  ];
}
