// Pays so many times at once with @x402/fetch: `fleet.mjs URL KEY COUNT`. One line for each. An answer that
// asks for the same payment again gets it: the facilitator's own wallet may trip over so many at once.

import { setTimeout } from "node:timers/promises";

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../told.mjs";

const [url, key, count] = process.argv.slice(2);
const SENDINGS = 5;

async function patientFetch(request) {
  for (let sent = 1; ; sent += 1) {
    const response = await fetch(request.clone());
    if (response.status !== 503 || sent === SENDINGS) return response;
    const { paywall } = await response.clone().json();
    if (!paywall.resendSamePayment) return response;
    console.error(`sent again: ${paywall.code}`);
    await setTimeout(Number(response.headers.get("retry-after")) * 1000);
  }
}

const client = new ExactEvmScheme(privateKeyToAccount(key));
const pay = wrapFetchWithPaymentFromConfig(patientFetch, { schemes: [{ network: "eip155:84532", client }] });
await Promise.all(Array.from({ length: Number(count) }, async () => tellResponse(await pay(url))));
