// An agent that is given an origin and nothing else: `agent.mjs ORIGIN KEY DOCUMENT`. It reads one of the documents
// there, chooses what costs least, and buys it with @x402/fetch. Prints its choice, and then what every buyer prints.

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { tellResponse } from "../told.mjs";

const [origin, key, document] = process.argv.slice(2);

/** What each document offers, as `{ url, price }` in dollars; of a price that changes the higher one. */
const READERS = {
  "openapi.json": (text) => {
    const { paths, servers } = JSON.parse(text);
    const offers = Object.entries(paths).map(([path, { get }]) => [path, get?.["x-payment-info"]]);
    const paid = offers.filter(([, info]) => info?.protocols.some((one) => "x402" in one) && info.price.currency === "USD");
    return paid.map(([path, { price }]) => ({ url: new URL(path, servers[0].url).href, price: Number(price.amount ?? price.max) }));
  },
  "llms.txt": (text) => text.split(/^## /m).slice(1).flatMap((section) => {
    const price = /^[^\n]*: \$([\d.]+)(?:, from \S+ \$([\d.]+))?, /.exec(section);
    const links = price ? [...section.matchAll(/^- \[[^\]]*\]\((\S+)\)/gm)] : [];
    return links.map(([, url]) => ({ url, price: Math.max(...price.slice(1).filter(Boolean).map(Number)) }));
  }),
};

const read = await fetch(new URL(document, origin));
if (!read.ok) throw new Error(`${document}: ${read.status}`);
const offers = READERS[document](await read.text());
const cheapest = offers.reduce((least, offer) => (offer.price < least.price ? offer : least));
console.log(JSON.stringify({ ...cheapest, of: offers.length }));

const client = new ExactEvmScheme(privateKeyToAccount(key));
const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
await tellResponse(await pay(cheapest.url));
