// @ts-check
/** What is signed: EIP-3009's TransferWithAuthorization, and the payment that it becomes. https://eips.ethereum.org/EIPS/eip-3009 */
import {chainOf} from './offers.js';
import {encode64} from './text.js';

/** @typedef {{from: string, to: string, value: string, validAfter: string, validBefore: string, nonce: string}} Authorization */

/** @param {string} text */
const members = text => text.split(', ').map(member => {
  const [type, name] = member.split(' ');
  return {name, type};
});

/** 32 random bytes. `randomUUID` is not there beyond https. */
export const freshNonce = () => '0x' + Array.from(crypto.getRandomValues(new Uint8Array(32)), byte => byte.toString(16).padStart(2, '0')).join('');

/** The authorization of one payment, which ends `maxTimeoutSeconds` after the server's `now`. @param {import('./offers.js').Offer} offer @param {string} from @param {number} now @param {string} nonce @returns {Authorization} */
export const authorizationOf = (offer, from, now, nonce) => ({from, to: offer.payTo, value: offer.amount, validAfter: '0', validBefore: String(now + offer.maxTimeoutSeconds), nonce});

/**
 * What `eth_signTypedData_v4` is given. Without `EIP712Domain` among the types MetaMask signs an empty domain; numbers
 * are decimal strings, since some wallets refuse numbers and none is exact beyond 2^53.
 * @param {import('./offers.js').Offer} offer @param {Authorization} message
 */
export const typedData = (offer, message) => ({
  types: {
    EIP712Domain: members('string name, string version, uint256 chainId, address verifyingContract'),
    TransferWithAuthorization: members('address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce'),
  },
  primaryType: 'TransferWithAuthorization',
  domain: {name: offer.extra.name, version: offer.extra.version, chainId: chainOf(offer.network), verifyingContract: offer.asset},
  message,
});

/** A signature as tokens take it, or nothing. Hardware wallets say v as 0 or 1; what is longer is a contract wallet's, and none of ours to change. @param {unknown} signature */
export function normalised(signature) {
  const hex = String(signature);
  if (!/^0x([0-9a-fA-F]{2}){64,}$/.test(hex)) return undefined;
  const v = parseInt(hex.slice(130), 16);
  return hex.length === 132 && v < 2 ? hex.slice(0, 130) + (v + 27).toString(16) : hex;
}

/** The PAYMENT-SIGNATURE header. @param {import('./offers.js').Terms} terms @param {import('./offers.js').Offer} accepted @param {string} signature @param {Authorization} authorization */
export const paymentHeader = (terms, accepted, signature, authorization) =>
  encode64({x402Version: 2, resource: terms.resource, accepted, payload: {signature, authorization}});
