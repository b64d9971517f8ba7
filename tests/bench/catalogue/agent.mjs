// A buyer that knows a Bazaar and nothing else: searches by text, price and tags, picks the cheapest, and buys it
// with @x402/fetch: `agent.mjs BAZAAR KEY QUERY MAX_USD [TAG]...`. Ends with 3 if nothing is found.

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../buyers/told.mjs";
import { search, usdPrice, withText } from "./searches.mjs";

const [bazaar, key, query, maxUsdPrice, ...tags] = process.argv.slice(2);

const all = await withText(bazaar, query);
const rows = await search(bazaar, { query, maxUsdPrice, tags });
console.error(`${all.length} found by text, ${rows.length} with the tag for $${maxUsdPrice} at most`);
if (rows.length === 0) process.exit(3);

const [cheapest] = rows.sort((one, other) => usdPrice(one) - usdPrice(other));
console.error(`buys ${cheapest.resource}`);
const client = new ExactEvmScheme(privateKeyToAccount(key));
const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
await tellResponse(await pay(cheapest.resource));
