// A payment made by hand, honest or not.

import { randomBytes } from "node:crypto";
import { privateKeyToAccount } from "viem/accounts";

const WINDOW = 60; // seconds that a payment is valid, before and after now

const field = (name, type) => ({ name, type });
/** EIP-3009's message, for EIP-712. */
export const TYPES = {
  TransferWithAuthorization: [
    field("from", "address"), field("to", "address"), field("value", "uint256"),
    field("validAfter", "uint256"), field("validBefore", "uint256"), field("nonce", "bytes32"),
  ],
};

/**
 * Signs a payment of `from` for the first offer of `challenge` with `key`, valid for `seconds` from now.
 * What is signed may say otherwise (`signed`), and its signature may be changed (`reshape`). `echo` is what the
 * buyer repeats of the 402, which nobody signs; by default v2's `resource`. Gives the header, as `{ name, value }`,
 * and the `nonce`.
 */
export async function sign({
  challenge: { v1, v2 }, wire, from, key, seconds = WINDOW, signed = {}, reshape = (same) => same,
  echo = wire === "v2" ? { resource: v2.resource } : {},
}) {
  const [offer] = v2.accepts;
  const now = Math.floor(Date.now() / 1000);
  const authorization = {
    from,
    to: offer.payTo,
    value: offer.amount,
    validAfter: `${now - WINDOW}`,
    validBefore: `${now + seconds}`,
    nonce: `0x${randomBytes(32).toString("hex")}`,
  };
  const signature = await privateKeyToAccount(key).signTypedData({
    domain: { name: offer.extra.name, version: offer.extra.version, chainId: 84532, verifyingContract: offer.asset },
    primaryType: "TransferWithAuthorization",
    types: TYPES,
    message: { ...authorization, ...signed },
  });
  const payload = { signature: reshape(signature), authorization };
  const payment = wire === "v2"
    ? { x402Version: 2, ...echo, accepted: offer, payload }
    : { x402Version: 1, ...echo, scheme: "exact", network: v1.accepts[0].network, payload };
  const name = wire === "v2" ? "PAYMENT-SIGNATURE" : "X-PAYMENT";
  return { name, value: Buffer.from(JSON.stringify(payment)).toString("base64"), nonce: authorization.nonce };
}

/** Sends a payment that `sign` makes. Gives the answer. */
export async function pay(url, terms) {
  const { name, value } = await sign(terms);
  return fetch(url, { headers: { [name]: value } });
}
