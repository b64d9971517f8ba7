// Pays as the buyer of AWS's sample does: `buy.mjs URL KEY`. It reads X-PAYMENT-REQUIRED alone, takes
// the first offer and sends X-PAYMENT-SIGNATURE.
// https://github.com/aws-samples/sample-agentcore-cloudfront-x402-payments

import { randomBytes } from "node:crypto";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../told.mjs";

const [url, key] = process.argv.slice(2);
const account = privateKeyToAccount(key);

const asked = await fetch(url);
const challenge = asked.headers.get("x-payment-required");
if (asked.status !== 402 || !challenge) throw new Error(`${asked.status} without X-PAYMENT-REQUIRED`);
const { accepts: [offer] } = JSON.parse(Buffer.from(challenge, "base64"));

const now = Math.floor(Date.now() / 1000);
const authorization = {
  from: account.address,
  to: offer.payTo,
  value: offer.amount,
  validAfter: `${now - 60}`,
  validBefore: `${now + offer.maxTimeoutSeconds}`,
  nonce: `0x${randomBytes(32).toString("hex")}`,
};
const signature = await account.signTypedData({
  domain: {
    name: offer.extra.name,
    version: offer.extra.version,
    chainId: Number(offer.network.split(":")[1]),
    verifyingContract: offer.asset,
  },
  primaryType: "TransferWithAuthorization",
  types: {
    TransferWithAuthorization: [
      { name: "from", type: "address" },
      { name: "to", type: "address" },
      { name: "value", type: "uint256" },
      { name: "validAfter", type: "uint256" },
      { name: "validBefore", type: "uint256" },
      { name: "nonce", type: "bytes32" },
    ],
  },
  message: authorization,
});
const payment = { x402Version: 2, accepted: offer, payload: { signature, authorization } };
const header = Buffer.from(JSON.stringify(payment)).toString("base64");
await tellResponse(await fetch(url, { headers: { "X-PAYMENT-SIGNATURE": header } }));
