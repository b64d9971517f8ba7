// Pays with @x402/fetch: `buy.mjs URL KEY`.

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../told.mjs";

const [url, key] = process.argv.slice(2);
const client = new ExactEvmScheme(privateKeyToAccount(key));
const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
await tellResponse(await pay(url));
