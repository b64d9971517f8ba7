// What catalogues make of a shop that wants to be listed: validators on its 402s, the reference facilitator's library
// on what it is sent, and a small Bazaar at which a buyer finds and buys. scripts/bench.sh says where the parts are:
//
//   node catalogue.mjs [--allow-missing]

import { existsSync } from "node:fs";
import { join } from "node:path";

import { openBazaar } from "./catalogue/bazaar.mjs";
import { echoRows } from "./catalogue/echoes.mjs";
import { marketRows } from "./catalogue/market.mjs";
import { makeShop, OBJECTS } from "./catalogue/shop.mjs";
import { sizes } from "./catalogue/sizes.mjs";
import { validate } from "./catalogue/validators.mjs";
import { account, startChain } from "./chain.mjs";
import { conduct } from "./process.mjs";
import { challenge, must, Wrong } from "./purchase.mjs";
import { startSeller } from "./seller/seller.mjs";
import { startFacilitator } from "./stalls.mjs";

const { BENCH_OUT, BENCH_BOOTSTRAP, BENCH_COMPILER, BENCH_EDGE_LOCAL, BENCH_PYTHON_CATALOGUE } = process.env;
const python = existsSync(BENCH_PYTHON_CATALOGUE ?? "") ? BENCH_PYTHON_CATALOGUE : null;
const out = join(BENCH_OUT, "catalogue");
const tools = { compiler: BENCH_COMPILER, bootstrap: BENCH_BOOTSTRAP };
const [buyer, payee, settler] = [account(0), account(1), account(2)];

/** Documents come with a content.toml. There is none: what is said of a 402 is said of it alone. */
const WITHOUT_DOCUMENTS = { CONTENT_CONFIG: join(out, "none.toml") };

/** What validators are known to say, and why it is right all the same. */
const KNOWN = {
  "OPTIONS is unprotected": "that is the preflight of CORS: 204, no payment and nothing to read",
};

/** The validators that look for a listing, by what they are called. */
const LOOK_FOR_IT = [
  "checkEndpointSchema, with a probe", "validatePaymentRequiredDetailed, of the header", "`discovery check URL -v`",
  "validateDiscoveryExtension", "validateDiscoveryExtensionSpec", "validateAndExtract", "extractDiscoveryInfo, v2",
  "extractDiscoveryInfo, v1", ...(python ? ["validate_discovery_extension_spec", "extract_discovery_info"] : []),
];

let fine = true;
/** Does one thing, and says how it went. */
async function row(title, work) {
  try {
    console.log(`right  ${title}: ${await work()}`);
  } catch (error) {
    fine = false;
    console.log(`WRONG  ${title}: ${error instanceof Wrong ? error.message : error.stack}`);
  }
}
const say = (line) => console.log(`       ${line}`);

await conduct(async () => {
  if (!python) {
    fine = process.argv.includes("--allow-missing");
    console.log("missing  validators for Python, and aiohttp");
  }
  const shop = await makeShop(out, tools);
  const chain = await startChain({ funded: [buyer.address], owner: buyer.address });
  const good = await startFacilitator("reference", chain.rpc, settler);
  const open = async (table) => {
    const bazaar = await openBazaar(good.url);
    const seller = await startSeller({
      edgeLocal: BENCH_EDGE_LOCAL, executable: shop.functions[table], facilitator: bazaar.url, content: shop.content, sandboxes: 2,
      env: WITHOUT_DOCUMENTS,
    });
    return { bazaar, seller, content: shop.content, buyer };
  };
  const first = await open("listed");
  const [second, unlisted, market] = [await open("listed, v2 in the body"), await open("unlisted"), await open("listed")];

  console.log("-- validators, on the 402s of ten objects in two shops");
  const answers = [...(await answersOf(first)), ...(await answersOf(second))];
  judge(await validate(answers, python));
  await row("the same of a shop that is not listed", () => control(unlisted));

  console.log("-- buyers who echo nothing, and buyers who lie");
  for (const [title, work] of echoRows(first, unlisted)) await row(title, work);

  console.log("-- a Bazaar");
  for (const [title, work] of marketRows(chain, market, payee)) await row(title, work);

  console.log("-- sizes");
  await row("402s that the compiler takes fit", async () => {
    await sizes({ out, tools, edgeLocal: BENCH_EDGE_LOCAL, facilitator: good.url, buyer, python }, say);
    return "in every client and in CloudFront's answer";
  });
  for (const { bazaar } of [first, second, unlisted, market]) await bazaar.stop();
  return fine;
});

/** The 402s that a shop really gives. */
async function answersOf({ seller }) {
  return Promise.all(OBJECTS.map(async (object) => {
    const url = `${seller.url}/${object.key}`;
    const { v2, v1: body } = await challenge(url);
    return { object, url, v2, body, bazaar: v2.extensions?.bazaar ?? {}, v1: body.x402Version === 1 ? body.accepts : [] };
  }));
}

/** Says what each validator said; what is not known fails the run, and so does what is known and not said. */
function judge(results) {
  const heard = new Set();
  for (const { name, looked, found } of results) {
    const unknown = found.filter(({ says }) => !(says in KNOWN));
    fine &&= looked > 0 && unknown.length === 0;
    console.log(`${unknown.length || !looked ? "WRONG" : "right"}  ${name}: ${looked} answers, ${found.length ? `${found.length} remarks` : "no remark"}`);
    for (const { url, says } of unknown) say(`NOT KNOWN  ${url && new URL(url).pathname}  ${says}`);
    for (const says of new Set(found.map((one) => one.says).filter((says) => says in KNOWN))) {
      say(`known      ${says}, of ${found.filter((one) => one.says === says).length}: ${KNOWN[says]}`);
      heard.add(says);
    }
  }
  for (const says of Object.keys(KNOWN).filter((says) => !heard.has(says))) {
    say(`NOT FOUND  ${says}`);
    fine = false;
  }
}

/** That those who look for a listing miss it where there is none: else their silence means nothing. */
async function control(unlisted) {
  const results = await validate(await answersOf(unlisted), python);
  const missed = results.filter(({ found }) => found.some(({ says }) => !(says in KNOWN)));
  const names = missed.map(({ name }) => name);
  for (const looksForIt of LOOK_FOR_IT) {
    must(names.some((name) => name.endsWith(`: ${looksForIt}`)), `${looksForIt} misses nothing`);
  }
  return `${missed.length} of ${results.length} validators miss the listing, as they should`;
}
