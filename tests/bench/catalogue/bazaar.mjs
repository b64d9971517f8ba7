// A small Bazaar: a facilitator that lists what it settles, as the reference's library extracts it, and lets
// buyers search. Verifying and settling is the business of the good facilitator behind it. What it answers has
// the shape that the library's own client reads (`withBazaar` of @x402/extensions), and of Coinbase's search the
// parameters that a buyer with a budget needs:
// https://docs.cdp.coinbase.com/api-reference/v2/rest-api/x402-facilitator

import { extractDiscoveryInfo } from "@x402/extensions/bazaar";

import { listen } from "../one-payment/listen.mjs";
import { usdPrice } from "./searches.mjs";

const PAGE = 100;
/** The row of what was sold and extracted; `before` is what was known of it. */
function row(found, { paymentRequirements }, before) {
  const { resourceUrl: resource, x402Version, description, mimeType, serviceName, tags, iconUrl, extensions, discoveryInfo } = found;
  const sameOffer = ({ network, asset }) => network === paymentRequirements.network && asset === paymentRequirements.asset;
  const accepts = [paymentRequirements, ...(before?.accepts ?? []).filter((offer) => !sameOffer(offer))];
  return {
    resource, type: discoveryInfo.input.type, x402Version, accepts, lastUpdated: new Date().toISOString(),
    description, mimeType, serviceName, tags, iconUrl, extensions,
  };
}

/** Whether a row has all words of a text, in whatever a person would read of it. */
function speaksOf({ resource, description = "", serviceName = "", tags = [] }, query) {
  const text = [new URL(resource).pathname, description, serviceName, ...tags].join(" ").toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/**
 * Opens it before the facilitator at `good`. `settled` are the bodies of /settle as they came, the oldest first;
 * `calls` is as every facilitator of the bench tells it.
 */
export async function openBazaar(good) {
  const rows = new Map();
  const settled = [];
  const calls = { verify: 0, settle: 0 };

  /** What became of the listing, as the seller is told. */
  const list = (body) => {
    try {
      const found = extractDiscoveryInfo(body.paymentPayload, body.paymentRequirements);
      if (!found) return { status: "rejected", rejectedReason: "nothing to list" };
      rows.set(found.resourceUrl, row(found, body, rows.get(found.resourceUrl)));
      return { status: "success" };
    } catch (error) {
      // The library throws at a URL that is none.
      return { status: "rejected", rejectedReason: String(error.message) };
    }
  };
  const resources = ({ limit, offset }) => {
    const [from, most] = [Number(offset ?? 0), Math.min(Number(limit ?? PAGE), PAGE)];
    const items = [...rows.values()].slice(from, from + most);
    return { x402Version: 2, items, pagination: { limit: most, offset: from, total: rows.size } };
  };
  const search = ({ query = "", maxUsdPrice, limit }, tags) => {
    const found = [...rows.values()].filter((one) =>
      speaksOf(one, query)
      && (maxUsdPrice === undefined || usdPrice(one) <= Number(maxUsdPrice))
      && tags.every((tag) => one.tags?.includes(tag)));
    const shown = found.slice(0, Number(limit ?? PAGE));
    return { x402Version: 2, resources: shown, partialResults: shown.length < found.length };
  };

  const server = await listen(async (request, response) => {
    const answer = (status, json, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(json));
    };
    const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
    const parameters = Object.fromEntries(searchParams);
    const text = (await request.toArray()).join("");
    if (request.method === "GET" && pathname === "/discovery/resources") return answer(200, resources(parameters));
    if (request.method === "GET" && pathname === "/discovery/search") return answer(200, search(parameters, searchParams.getAll("tags")));
    if (!["/verify", "/settle", "/supported"].includes(pathname)) return answer(404, { error: "not_found" });
    const got = await fetch(good + pathname, { method: request.method, headers: { "content-type": "application/json" }, body: text || undefined });
    const json = await got.json();
    if (pathname === "/verify") calls.verify += 1;
    if (pathname !== "/settle") return answer(got.status, json);
    calls.settle += 1;
    settled.push(text);
    const said = json.success === true ? { bazaar: list(JSON.parse(text)) } : {};
    answer(got.status, json, { "extension-responses": Buffer.from(JSON.stringify(said)).toString("base64") });
  });
  return { ...server, settled, calls: async () => ({ ...calls }) };
}
