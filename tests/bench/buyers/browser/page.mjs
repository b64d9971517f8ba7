// A page's script: asks, reads the 402 through CORS, then pays with @x402/fetch.

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

const RECEIPTS = ["payment-response", "x-payment-response"];

/** Gives what every buyer tells, and the challenge as the page could read it. */
globalThis.buy = async (url, key) => {
  const asked = await fetch(url);
  const challenge = { status: asked.status, header: asked.headers.get("PAYMENT-REQUIRED"), body: await asked.text() };

  const client = new ExactEvmScheme(privateKeyToAccount(key));
  const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
  const response = await pay(url);
  const body = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const receipts = RECEIPTS.map((name) => [name, response.headers.get(name)]).filter(([, value]) => value);
  return {
    challenge,
    status: response.status,
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    headers: Object.fromEntries(receipts),
    text: new TextDecoder().decode(body.slice(0, 400)),
  };
};
