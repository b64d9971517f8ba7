// How big the 402 is, with a listing and without: the smallest that there is, and the largest that the compiler
// takes; and clients that read it.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";

import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

import { run } from "../process.mjs";
import { must } from "../purchase.mjs";
import { startSeller } from "../seller/seller.mjs";
import { compile, toml } from "./shop.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

/** What CloudFront takes of an answer that a function made, headers and body:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge */
const ANSWER_BYTES = 40 * 1024;
/** The longest of each, in characters: what catalogues and facilitators take. */
const LONGEST = { name: 32, tag: 32, tags: 5, description: 500 };
/** Test tokens; the bench's own is the first. */
const TOKENS = [
  "base-sepolia/usdc", "avalanche-fuji/usdc", "polygon-amoy/usdc", "sei-testnet/usdc", "celo-sepolia/usdc",
  "xdc-apothem/usdc", "arbitrum-sepolia/usdc", "hpp-sepolia/usdc.e",
];
const PRICE = "0.01";

const SMALLEST = { key: "a", site: {}, rule: { description: "Rates." } };

/** The key is long, the shop has all that it can, and the sample is as big as it may be: 200 bytes of JSON. */
const LARGE = {
  key: `${"reports/of/the/harbour/".repeat(10)}market.json`,
  site: {
    name: "N".repeat(LONGEST.name),
    tags: Array.from({ length: LONGEST.tags }, (_, at) => `${at}`.padEnd(LONGEST.tag, "t")),
    icon: `https://example.com/${"i".repeat(80)}.png`,
  },
  rule: { sample: { rows: "r".repeat(200 - '{"rows":""}'.length) } },
};

/**
 * The largest 402 that is taken: with a description as long as may be, tokens are added until the compiler says
 * `challenge-too-big`; then as much of the description is left as it takes with the one token more.
 */
async function largest(out, tools) {
  const shop = (tokens, characters) => ({
    ...LARGE, rule: { ...LARGE.rule, accept: TOKENS.slice(0, tokens), description: "🚢".repeat(characters) },
  });
  const taken = async (tokens, characters) => {
    const { folder, refused } = await sell(out, "try", shop(tokens, characters), {}, tools);
    must(folder || refused.includes("[challenge-too-big]"), `refused for another reason:\n${refused}`);
    return folder !== undefined;
  };
  let tokens = 1;
  while (await taken(tokens, LONGEST.description)) {
    tokens += 1;
    must(tokens <= TOKENS.length, "the compiler takes all tokens and the longest description");
  }
  // So many characters are taken, and so many are not. If none is, one token less is the most.
  let [fits, over] = [1, LONGEST.description];
  if (!(await taken(tokens, fits))) return shop(tokens - 1, LONGEST.description);
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (await taken(tokens, middle)) fits = middle;
    else over = middle;
  }
  return shop(tokens, fits);
}

/** Compiles the table of a shop of one object, the only one in the folder. */
function sell(out, name, { key, site, rule }, more, tools) {
  const content = join(out, "sizes", "content");
  rmSync(content, { recursive: true, force: true });
  mkdirSync(join(content, key, ".."), { recursive: true });
  writeFileSync(join(content, key), "{}\n");
  return compile(join(out, "sizes"), name, toml({ ...site, ...more }, [{ path: key, price: PRICE, ...rule }]), tools);
}

/** What Node's own HTTP gets, byte by byte: the answer's headers as they are sent, and its body. */
function raw(url) {
  return new Promise((resolve, reject) => {
    get(url, async (response) => {
      const pairs = response.rawHeaders.map((text) => Buffer.byteLength(text)).reduce((sum, bytes) => sum + bytes, 0);
      const body = Buffer.concat(await response.toArray()).length;
      // Between a name and its value, and after it, are two bytes each.
      const headers = pairs + 2 * response.rawHeaders.length;
      const copies = ["payment-required", "x-payment-required"].map((name) => response.headers[name].length);
      resolve({ status: response.statusCode, header: copies[0], both: copies[0] + copies[1], body, answer: headers + body });
    }).on("error", reject);
  });
}

/**
 * Sells both before and after, and has them read and bought. `say` gets lines. `parts` has the tools, the
 * facilitator, the buyer and Python.
 */
export async function sizes({ out, tools, edgeLocal, facilitator, buyer, python }, say) {
  const biggest = await largest(out, tools);
  say(`largest: ${biggest.rule.accept.length} offers, ${[...biggest.rule.description].length} characters of description, of four bytes each, a key of ${biggest.key.length}`);
  say(`${"bytes".padEnd(34)} ${["header", "both", "body", "answer", "echo"].map((name) => name.padStart(7)).join("")}`);
  for (const [name, shop] of Object.entries({ smallest: SMALLEST, largest: biggest })) {
    for (const discovery of [false, true]) {
      // What belongs to a listing alone is nowhere else.
      const of = discovery ? shop : { ...shop, site: {}, rule: { ...shop.rule, sample: undefined } };
      const { folder, refused } = await sell(out, "shop", of, { discovery }, tools);
      must(folder, `not compiled: ${refused}`);
      const content = join(out, "sizes", "content");
      const seller = await startSeller({ edgeLocal, executable: folder, facilitator, content, sandboxes: 1 });
      const url = `${seller.url}/${shop.key}`;
      const got = await raw(url);
      const echo = await bought(url, buyer);
      say(`${`${name}, ${discovery ? "listed" : "not listed"}`.padEnd(34)} ${[got.header, got.both, got.body, got.answer, echo].map((bytes) => `${bytes}`.padStart(7)).join("")}`);
      must(got.status === 402, `status ${got.status}`);
      must(got.answer < ANSWER_BYTES, `${got.answer} bytes of answer; CloudFront takes ${ANSWER_BYTES}`);
      if (name === "largest" && discovery) await read(url, got, python, say);
      await seller.stop();
    }
  }
}

/** Buys with @x402/fetch. Gives how long the payment's header was, with what the library repeats. */
async function bought(url, { key }) {
  let echo;
  const watched = (request) => {
    echo = request.headers.get("payment-signature") ?? echo;
    return fetch(request);
  };
  const client = new ExactEvmScheme(privateKeyToAccount(key));
  const response = await wrapFetchWithPaymentFromConfig(watched, { schemes: [{ network: "eip155:84532", client }] })(url);
  must(response.status === 200, `${url} cannot be bought: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return echo.length;
}

/** Clients that stop reading at some size must read the largest. */
async function read(url, { header, body }, python, say) {
  const response = await fetch(url);
  const undici = {
    client: `fetch of Node ${process.versions.node} (undici ${process.versions.undici})`,
    header: response.headers.get("payment-required").length, body: (await response.arrayBuffer()).byteLength,
  };
  for (const { client, ...got } of [undici, ...(python ? [await ofAiohttp(url, python)] : [])]) {
    must(got.header === header && got.body === body, `${client} reads ${got.header} bytes of header and ${got.body} of body, not ${header} and ${body}`);
    say(`the largest is read by ${client}: ${got.header} bytes of header, ${got.body} of body`);
  }
}

async function ofAiohttp(url, python) {
  const { code, out, err } = await run(python, [here("read.py"), url]);
  must(code === 0, `aiohttp: ${err.slice(-600)}`);
  return JSON.parse(out);
}
