// @ts-check
/** Brings a wallet to an offer's network. */
import {networks} from './site.js';
import {chainOf} from './offers.js';
import {errorCode, isDeclined, read} from './wallets.js';

/** The network that a wallet is on; wallets say it as `0x14a34`, "84532" or 84532. @param {import('./wallets.js').Provider} provider */
export const currentChain = async provider => Number(await read(provider, 'eth_chainId'));

/** A request already lies open. https://eips.ethereum.org/EIPS/eip-1474 */
export const PENDING = -32002;

/** How a wallet is told of a network: by these names alone, and without our word on its money. @param {string} network */
export function addition(network) {
  const {name, rpc, explorer, coin = 'ETH'} = networks[network];
  return {chainId: hexOf(network), chainName: name.replace(/ \(.*/, ''), rpcUrls: [rpc], blockExplorerUrls: explorer && [explorer], nativeCurrency: {name: coin, symbol: coin, decimals: 18}};
}

/** @param {string} network */
const hexOf = network => '0x' + chainOf(network).toString(16);

/**
 * Asks the wallet to change, and to add what it does not know. What it answers is not believed: some
 * say yes and stay, some report an unknown network by any code at all.
 * @param {import('./wallets.js').Provider} provider @param {string} network
 * @param {(method: string, params: unknown[]) => Promise<unknown>} ask
 */
export async function toNetwork(provider, network, ask) {
  const chain = chainOf(network);
  if ((await currentChain(provider)) === chain) return;
  const change = () => ask('wallet_switchEthereumChain', [{chainId: hexOf(network)}]);
  /** @param {unknown} error */
  const final = error => isDeclined(error) || [PENDING, 'stopped'].includes(errorCode(error));
  try {
    await change();
  } catch (error) {
    if (final(error)) throw error;
    try {
      if (networks[network].rpc) await ask('wallet_addEthereumChain', [addition(network)]);
      // Some add a network and stay where they were.
      if ((await currentChain(provider)) !== chain) await change();
    } catch (second) {
      if (final(second)) throw second;
    }
  }
  const was = await currentChain(provider);
  if (was !== chain) throw {code: 'wrong', was};
}
