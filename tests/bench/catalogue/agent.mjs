// A buyer that knows a Bazaar and nothing else: searches by text and price, picks the cheapest, and buys it with
// @x402/fetch: `agent.mjs BAZAAR KEY QUERY MAX_USD [TAG]...`. Ends with 3 if nothing is found.

import { HTTPFacilitatorClient } from "@x402/core/http";
import { ExactEvmScheme } from "@x402/evm";
import { withBazaar } from "@x402/extensions/bazaar";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../buyers/told.mjs";
import { usdPrice } from "./bazaar.mjs";

const [bazaar, key, query, maxUsdPrice, ...tags] = process.argv.slice(2);

// The library's client asks by text, but neither by price nor by tag; so what it finds is asked for again.
const { extensions } = withBazaar(new HTTPFacilitatorClient({ url: bazaar }));
const byText = await extensions.bazaar.search({ query });
const asked = new URLSearchParams([["query", query], ["maxUsdPrice", maxUsdPrice], ...tags.map((tag) => ["tags", tag])]);
const { resources } = await (await fetch(`${bazaar}/discovery/search?${asked}`)).json();
console.error(`${byText.resources.length} found by text, ${resources.length} of them for $${maxUsdPrice} at most`);
if (resources.length === 0) process.exit(3);

const [cheapest] = resources.sort((one, other) => usdPrice(one) - usdPrice(other));
console.error(`buys ${cheapest.resource}`);
const client = new ExactEvmScheme(privateKeyToAccount(key));
const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
await tellResponse(await pay(cheapest.resource));
