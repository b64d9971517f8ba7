// @ts-check
/** What the wallet's own node knows of an account. The wallet must be on the offer's network. */
import {read} from './wallets.js';

/** @typedef {import('./wallets.js').Provider} Provider */

/** @param {string} hex */
const word = hex => hex.slice(2).toLowerCase().padStart(64, '0');

/** What an account holds of a token, or nothing if the node does not say. @param {Provider} provider @param {string} token @param {string} account @returns {Promise<bigint | undefined>} */
export const balanceOf = (provider, token, account) =>
  // balanceOf(address)
  read(provider, 'eth_call', [{to: token, data: '0x70a08231' + word(account)}, 'latest']).then(BigInt).catch(() => undefined);

/** Whether an account runs code: a contract wallet, or one by https://eips.ethereum.org/EIPS/eip-7702. @param {Provider} provider @param {string} account */
export const hasCode = async (provider, account) => /^0x[0-9a-f]{2}/i.test(await read(provider, 'eth_getCode', [account, 'latest']).catch(() => ''));

/**
 * What became of an authorization. A token takes it before `before` alone, by its block's time: so `void` is said
 * of a block that is not earlier. https://eips.ethereum.org/EIPS/eip-3009
 * @param {Provider} provider @param {import('./keep.js').Kept} kept
 * @returns {Promise<'charged' | 'void' | ''>} nothing where that is not certain
 */
export async function fateOf(provider, {offer, from, nonce, before}) {
  const block = await read(provider, 'eth_getBlockByNumber', ['latest', false]);
  // authorizationState(address,bytes32)
  const used = BigInt(await read(provider, 'eth_call', [{to: offer.asset, data: '0xe94a0102' + word(from) + word(nonce)}, block.number]));
  if (used) return 'charged';
  return Number(block.timestamp) >= before ? 'void' : '';
}
