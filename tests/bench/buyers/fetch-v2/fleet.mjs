// Pays so many times at once with @x402/fetch: `fleet.mjs URL KEY COUNT`. One line for each.

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../told.mjs";

const [url, key, count] = process.argv.slice(2);
const client = new ExactEvmScheme(privateKeyToAccount(key));
const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
await Promise.all(Array.from({ length: Number(count) }, async () => tellResponse(await pay(url))));
