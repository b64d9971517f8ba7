// How a Bazaar is asked, and what a row of it costs.

import { HTTPFacilitatorClient } from "@x402/core/http";
import { withBazaar } from "@x402/extensions/bazaar";

import { TOKEN } from "../chain.mjs";

const client = (url) => withBazaar(new HTTPFacilitatorClient({ url })).extensions.bazaar;

/** What is listed at `url`, by the library's client: `{ items, pagination }`. */
export const listed = (url, page = {}) => client(url).listResources(page);

/** The rows with a text, by the library's client, which asks neither for prices nor for tags. */
export const withText = async (url, query) => (await client(url).search({ query })).resources;

/** The rows with what is asked: `query`, `maxUsdPrice`, and each of `tags`. */
export async function search(url, { tags = [], ...asked }) {
  const parameters = new URLSearchParams([...Object.entries(asked), ...tags.map((tag) => ["tags", tag])]);
  const response = await fetch(`${url}/discovery/search?${parameters}`);
  return (await response.json()).resources;
}

/** Atomic units in a dollar of the token, the only one whose price is known here. */
const UNITS = 1e6;

/** What a row's cheapest offer costs in dollars; nothing is known of other tokens. */
export function usdPrice({ accepts }) {
  const known = accepts.filter(({ asset }) => asset.toLowerCase() === TOKEN.toLowerCase());
  return Math.min(...known.map(({ amount, maxAmountRequired }) => Number(amount ?? maxAmountRequired) / UNITS));
}
