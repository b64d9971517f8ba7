// A shop that wants to be found, and who finds it: `@agentcash/discovery` reads its documents and probes its files, and
// an agent that is given nothing but the origin buys there. One line for each check; `scripts/bench.sh` names the parts.

import { createHash } from "node:crypto";
import { join } from "node:path";

import { account, startChain } from "./chain.mjs";
import * as agentcash from "./listing/agentcash.mjs";
import { openShop } from "./listing/shop.mjs";
import { sign } from "./payment.mjs";
import { conduct, run } from "./process.mjs";
import { challenge, decode, must, purchase, Wrong } from "./purchase.mjs";
import { startFacilitator } from "./stalls.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const [buyer, payee] = [account(0), account(1)];
const DOCUMENTS = {
  ".well-known/x402": "application/json",
  "llms.txt": "text/plain; charset=utf-8",
  "mcp/tools": "application/json",
  "openapi.json": "application/json",
};
/** What costs least there, in atomic units: `listing/content.toml`. */
const CHEAPEST = { key: "reports/2026/summary.txt", price: 2_000n };
/** One file of each kind; the last one's name is spelled in another way in its URL. */
const KINDS = [
  "reports/2026/market.json", CHEAPEST.key, "datasets/prices-01.csv", "pictures/rates.png", "notes/Who's (there) [x]{y}*+?|^$.txt",
];

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** Nothing but what is known, of which the reason is told. */
function clean(findings) {
  const strange = findings.filter(({ code }) => !(code in agentcash.KNOWN));
  must(strange.length === 0, strange.map(({ code, severity, message }) => `[${severity}] ${code}: ${message}`).join("; "));
  const known = [...new Set(findings.map(({ code }) => code))];
  return known.length === 0 ? "no warning" : known.map((code) => `${code}: ${agentcash.KNOWN[code]}`).join("; ");
}

function checks({ chain, shop, facilitator }) {
  const read = async (path) => {
    const answer = await fetch(`${shop.url}/${path}`);
    must(answer.status === 200, `/${path} is answered ${answer.status}`);
    return answer;
  };
  const openapi = async () => (await read("openapi.json")).json();
  const url = (key) => shop.priced.find((row) => row.key === key).url;
  /** What `buy` does is one purchase of what costs least. */
  const bought = (buy) => {
    const stall = { facilitator, price: CHEAPEST.price, sha256: sha256(shop.file(CHEAPEST.key)) };
    return purchase({ chain, stall, payer: buyer.address, payee: payee.address, wire: "v2", verifies: 0 }, buy);
  };
  const agent = async (document) => {
    let chosen;
    const buy = async () => {
      const args = [here("buyers/fetch-v2/agent.mjs"), `${shop.url}/`, buyer.key, document];
      const { code, out, err } = await run(process.execPath, args, { seconds: 60 });
      must(code === 0, `ended with ${code}: ${(err || out).trim().slice(-1000)}`);
      const lines = out.trim().split("\n").map((line) => JSON.parse(line));
      chosen = lines[0];
      must(chosen.url === url(CHEAPEST.key), `it chose ${chosen.url} for $${chosen.price}`);
      return lines[1];
    };
    const { transaction } = await bought(buy);
    return `the cheapest of ${chosen.of}, ${chosen.url} for $${chosen.price}: the file's bytes, ${transaction}`;
  };

  return [
    ["the documents", async () => {
      for (const [path, kind] of Object.entries(DOCUMENTS)) {
        const found = (await read(path)).headers.get("content-type");
        must(found === kind, `/${path} is ${found}`);
      }
      return Object.keys(DOCUMENTS).join(", ");
    }],
    [".well-known/x402", async () => {
      const { resources, ...others } = await (await read(".well-known/x402")).json();
      must(JSON.stringify(others) === '{"version":1}', `it says more: ${JSON.stringify(others)}`);
      const sold = shop.priced.map((row) => row.url);
      must(JSON.stringify(resources) === JSON.stringify(sold), "it has other URLs than those with a price");
      for (const resource of resources) await challenge(resource);
      return `${count(resources.length, "URL")}, each answered 402`;
    }],
    ["openapi.json", async () => {
      const { info, paths } = await openapi();
      const operations = Object.keys(paths).length;
      must(operations === 40 && shop.priced.length > 40, `${operations} of ${shop.priced.length} are described`);
      must(info.description.startsWith(`40 of ${shop.priced.length} `), `it does not say so: ${info.description}`);
      for (const key of KINDS) must(paths[new URL(url(key)).pathname], `${key} is left out`);
      for (const [path, { get }] of Object.entries(paths)) {
        const { amount, min } = get["x-payment-info"].price;
        const [offer] = (await challenge(shop.url + path)).v2.accepts;
        must(Math.round((amount ?? min) * 1e6) === Number(offer.amount), `${path} is asked ${offer.amount} for, not $${amount ?? min}`);
      }
      return `${info.title}, ${operations} of ${shop.priced.length} files, of every rule, each at the price of its 402`;
    }],
    ["what the guide says of a refusal", async () => {
      const { components } = await openapi();
      const promised = components.schemas.Refusal.properties.paywall.required;
      const { paywall } = await (await fetch(url(CHEAPEST.key))).json();
      const missing = promised.filter((name) => !(name in paywall));
      must(missing.length === 0, `there is no ${missing.join(", ")} in ${JSON.stringify(paywall)}`);
      const texts = [(await openapi()).info["x-guidance"], await (await read("llms.txt")).text()];
      const untold = promised.filter((name) => !texts.every((text) => text.includes(`\`${name}\``)));
      must(untold.length === 0, `the guide does not tell ${untold.join(", ")}`);
      return promised.join(", ");
    }],
    ["discovery discover", async () => {
      const { resources, meta, findings } = await agentcash.discover(shop.url);
      const odd = resources.filter((one) => one.authHint !== "paid" || !one.priceHint || one.protocols?.join() !== "x402");
      must(resources.length === 40 && odd.length === 0, `not all are paid by x402: ${JSON.stringify(odd[0])}`);
      return `${meta.title}, ${count(resources.length, "paid operation")}, guidance of ${meta.guidanceTokens} tokens; ${clean(findings)}`;
    }],
    ["discoverOriginSchema", async () => {
      const { info, endpoints, guidance, findings } = await agentcash.origin(shop.url);
      must(info.contactEmail === "shop@example.com", `the contact is ${info.contactEmail}`);
      must(guidance?.includes("PAYMENT-SIGNATURE"), "the guidance is not shown at once");
      return `${count(endpoints.length, "endpoint")}, contact, guidance; ${clean(findings)}`;
    }],
    ...KINDS.map((key) => [`discovery check ${key}`, async () => {
      const { advisories, findings } = await agentcash.check(url(key));
      const [{ method, authMode, estimatedPrice, inputSchema, outputSchema }, ...more] = advisories;
      must(more.length === 0 && method === "GET" && authMode === "paid", `it is ${JSON.stringify(advisories)}`);
      must(inputSchema && outputSchema, "a schema is missing");
      return `GET ${authMode} ${estimatedPrice}; ${clean(findings)}`;
    }]),
    ["probe of each file", async () => {
      const all = [];
      for (const row of shop.priced) all.push(...(await agentcash.probe(row.url)).findings);
      return `${count(shop.priced.length, "402")}, each fit for x402scan; ${clean(all)}`;
    }],
    ["an agent with the origin, by openapi.json", () => agent("openapi.json")],
    ["an agent with the origin, by llms.txt", () => agent("llms.txt")],
    ["a buyer by hand, by the guide alone", async () => {
      const { transaction } = await bought(async () => {
        const terms = { challenge: await challenge(url(CHEAPEST.key)), wire: "v2", from: buyer.address, key: buyer.key };
        // The guide asks for these three, and lets what the 402 said besides be sent along or not.
        const { x402Version, accepted, payload } = decode((await sign(terms)).value);
        const sent = Buffer.from(JSON.stringify({ x402Version, accepted, payload })).toString("base64");
        const answer = await fetch(url(CHEAPEST.key), { headers: { "PAYMENT-SIGNATURE": sent } });
        const bytes = Buffer.from(await answer.arrayBuffer());
        const headers = Object.fromEntries(answer.headers);
        return { status: answer.status, sha256: sha256(bytes), headers, text: bytes.toString().slice(0, 400) };
      });
      return `x402Version, accepted and payload in PAYMENT-SIGNATURE: the file's bytes, ${transaction}`;
    }],
  ];
}

await conduct(async () => {
  const chain = await startChain({ funded: [buyer.address], owner: buyer.address });
  const facilitator = await startFacilitator("reference", chain.rpc, account(2));
  const shop = await openShop({
    out: join(process.env.BENCH_OUT, "listing"), bootstrap: process.env.BENCH_BOOTSTRAP, compiler: process.env.BENCH_COMPILER,
    edgeLocal: process.env.BENCH_EDGE_LOCAL, facilitator: facilitator.url,
  });
  let fine = true;
  for (const [what, check] of checks({ chain, shop, facilitator })) {
    try {
      console.log(`right  ${what}: ${await check()}`);
    } catch (error) {
      fine = false;
      console.log(`WRONG  ${what}: ${error instanceof Wrong ? error.message : error.stack}`);
    }
  }
  return fine;
});
