// @ts-check
/**
 * What the page knows of networks and tokens. This is a sample: the compiler puts the seller's own here.
 *
 * @typedef {{name: string, rpc?: string, explorer?: string, coin?: string}} Network
 * @typedef {{symbol: string, decimals: number}} Token
 */

/** By CAIP-2 name. @type {Record<string, Network>} */
export const networks = {
  'eip155:84532': {name: 'Base Sepolia (test money)', rpc: 'https://sepolia.base.org', explorer: 'https://sepolia.basescan.org', coin: 'ETH'},
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1': {name: 'Solana Devnet (test money)'},
};

/** By network and address. @type {Record<string, Token>} */
export const tokens = {
  'eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e': {symbol: 'USDC', decimals: 6},
};
