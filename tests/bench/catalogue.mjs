// What catalogues make of a shop that wants to be listed: validators on its 402s, the reference facilitator's library
// on what it is sent, and a small Bazaar at which a buyer finds and buys. scripts/bench.sh says where the parts are:
//
//   node catalogue.mjs [--allow-missing]

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { HTTPFacilitatorClient } from "@x402/core/http";
import { withBazaar } from "@x402/extensions/bazaar";

import { openBazaar, usdPrice } from "./catalogue/bazaar.mjs";
import { bodyOf, ECHOES, extracted, mustTell, sha256, unsigned } from "./catalogue/echoes.mjs";
import { misread } from "./catalogue/expected.mjs";
import { dollars, makeShop, object, OBJECTS } from "./catalogue/shop.mjs";
import { sizes } from "./catalogue/sizes.mjs";
import { validate } from "./catalogue/validators.mjs";
import { account, startChain } from "./chain.mjs";
import { conduct, run } from "./process.mjs";
import { challenge, must, purchase, Wrong } from "./purchase.mjs";
import { startSeller } from "./seller/seller.mjs";
import { startFacilitator } from "./stalls.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
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

/** What a Bazaar lists, as the library's client reads it. */
const rowsOf = ({ url }, parameters = {}) => withBazaar(new HTTPFacilitatorClient({ url })).extensions.bazaar.listResources(parameters);
/** The keys of what a search finds. */
async function searched({ url }, asked) {
  const { resources } = await (await fetch(`${url}/discovery/search?${new URLSearchParams(asked)}`)).json();
  return resources.map(({ resource }) => new URL(resource).pathname.slice(1)).sort().join();
}

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
  const listed = await open("listed");
  const [secondBody, unlisted, market] = [await open("listed, v2 in the body"), await open("unlisted"), await open("listed")];

  console.log("-- validators, on the 402s of ten objects in two shops");
  const answers = [...(await answersOf(listed)), ...(await answersOf(secondBody))];
  judge(await validate(answers, python));
  await row("the same of a shop that is not listed", () => control(unlisted));

  console.log("-- buyers who echo nothing, and buyers who lie");
  for (const wire of ["v2", "v1"]) {
    await row(`without an echo, ${wire}`, () => withoutEcho(listed, wire));
  }
  await row("whatever is echoed", () => anyEcho(listed));
  await row("an echo of what was never said", () => inventedEcho(unlisted, listed));

  console.log("-- a Bazaar");
  await aBazaar(chain, market);

  console.log("-- sizes");
  await row("402s that the compiler takes fit", async () => {
    await sizes({ out, tools, edgeLocal: BENCH_EDGE_LOCAL, facilitator: good.url, buyer, python }, say);
    return "in every client and in CloudFront's answer";
  });
  for (const { bazaar } of [listed, secondBody, unlisted, market]) await bazaar.stop();
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
    for (const { url, says } of unknown) say(`NOT KNOWN  ${new URL(url).pathname}  ${says}`);
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

async function withoutEcho(shop, wire) {
  for (const object of OBJECTS) {
    const text = await bodyOf({ ...shop, object, wire, echo: () => ({}) });
    mustTell(text, { object, url: `${shop.seller.url}/${object.key}`, wire });
  }
  const what = wire === "v2" ? "method, URL, name, tags, icon and output" : "method, URL, description and output";
  return `of ${OBJECTS.length} sales @x402/extensions extracts ${what} from the body of /settle`;
}

/** That the body of /settle is the same, byte for byte, but for what the buyer signed. */
async function anyEcho(shop) {
  let bodies = 0;
  for (const key of ["three/rates.json", "one/chart.png", "one/plain.png"]) {
    for (const wire of ["v2", "v1"]) {
      const plain = unsigned(await bodyOf({ ...shop, object: object(key), wire, echo: () => ({}) }));
      for (const [name, echo] of Object.entries(ECHOES)) {
        const told = unsigned(await bodyOf({ ...shop, object: object(key), wire, echo }));
        must(told === plain, `${key} on ${wire}, echoed ${name}: the facilitator is told\n${told}\nand without an echo\n${plain}`);
        bodies += 1;
      }
    }
  }
  const library = await bought(shop, "three/rates.json", "fetch-v2");
  const plain = unsigned(await bodyOf({ ...shop, object: object("three/rates.json"), wire: "v2", echo: () => ({}) }));
  must(unsigned(library) === plain, `@x402/fetch has the facilitator told\n${unsigned(library)}\nand not\n${plain}`);
  return `${bodies} bodies of /settle, echoed ${Object.keys(ECHOES).join(", ")}, and one of @x402/fetch, are those without an echo, byte for byte`;
}

/** That no buyer can list what does not want to be listed. */
async function inventedEcho(unlisted, listed) {
  const [one] = OBJECTS;
  const { v2 } = await challenge(`${listed.seller.url}/${one.key}`);
  for (const wire of ["v2", "v1"]) {
    const text = await bodyOf({ ...unlisted, object: one, wire, echo: () => ({ resource: v2.resource, extensions: v2.extensions }) });
    const wrong = misread(extracted(text), { object: one, url: `${unlisted.seller.url}/${one.key}`, wire });
    must(wrong.join() === "nothing is extracted", `${wire}: something is extracted: ${text}`);
  }
  must((await rowsOf(unlisted.bazaar)).items.length === 0, "it is listed");
  return "nothing is extracted of it, and nothing listed";
}

/** Buys with a library's program. Gives the body of /settle. */
async function bought({ seller, bazaar }, key, folder) {
  const { code, out, err } = await run(process.execPath, [here(`buyers/${folder}/buy.mjs`), `${seller.url}/${key}`, buyer.key]);
  must(code === 0 && JSON.parse(out).status === 200, `${folder} cannot buy ${key}: ${out}${err}`);
  return bazaar.settled.at(-1);
}

async function aBazaar(chain, shop) {
  const { bazaar, seller } = shop;
  // Four rows speak of it, one of them without tags, and one is too dear.
  const asked = ["freight", "0.009", "freight"];
  const agent = () => run(process.execPath, [here("catalogue/agent.mjs"), bazaar.url, buyer.key, ...asked]);

  await row("before a sale", async () => {
    must((await rowsOf(bazaar)).pagination.total === 0, "something is listed");
    const { code, err } = await agent();
    must(code === 3 && (await bazaar.calls()).settle === 0, `the agent ended with ${code}: ${err.trim()}`);
    return "nothing is listed, and the agent finds nothing and buys nothing";
  });
  await row("the first sale lists what was sold", async () => {
    const sold = object("three/chart.png");
    await bought(shop, sold.key, "fetch-v2");
    const { items, pagination } = await rowsOf(bazaar);
    must(pagination.total === 1, `${pagination.total} rows`);
    const [{ resource, extensions, accepts, lastUpdated, ...row }] = items;
    const method = extensions.bazaar.info.input.method;
    const wrong = misread({ ...row, resourceUrl: resource, method, discoveryInfo: extensions.bazaar.info }, { object: sold, url: `${seller.url}/${sold.key}`, wire: "v2" });
    must(wrong.length === 0, wrong.join("; "));
    must(row.type === "http" && usdPrice(items[0]) === Number(dollars(sold.price)) && Date.parse(lastUpdated) > 0, JSON.stringify(items[0]));
    must(seller.log().includes('"listing":"success"'), `the seller's log says nothing of it:\n${seller.log()}`);
    return `${resource}, ${row.serviceName} [${row.tags}], $${dollars(sold.price)}; the seller's log says "listing":"success"`;
  });
  await row("more sales", async () => {
    await bought(shop, "one/chart.png", "fetch-v2");
    await bought(shop, "one/summary.txt", "fetch-v1");
    await bought(shop, "one/summary.txt", "fetch-v1");
    await bought(shop, "one/rates.json", "fetch-v2");
    const pages = [await rowsOf(bazaar, { limit: 3 }), await rowsOf(bazaar, { limit: 3, offset: 3 })];
    must(pages.every(({ pagination }) => pagination.total === 4), `${pages[0].pagination.total} rows of four objects`);
    must(pages.map(({ items }) => items.length).join() === "3,1", "pages of other lengths");
    return "four objects, five sales, four rows, in two pages";
  });
  await row("searches", async () => {
    const searches = [
      [{ query: "picture" }, "one/chart.png,three/chart.png"],
      [{ query: "picture", maxUsdPrice: "0.009" }, "one/chart.png"],
      [{ query: "picture", maxUsdPrice: "0.004" }, ""],
      [{ query: "freight", tags: "markets" }, "one/chart.png,one/rates.json,three/chart.png"],
      // v1 has no place for tags.
      [{ query: "summary" }, "one/summary.txt"],
      [{ query: "summary", tags: "markets" }, ""],
      [{ query: "picture", tags: "Markets" }, ""],
      [{ query: "harbour reports" }, "one/chart.png,one/rates.json,three/chart.png"],
      [{ query: "coffee" }, ""],
    ];
    for (const [parameters, wanted] of searches) {
      const found = await searched(bazaar, parameters);
      must(found === wanted, `${JSON.stringify(parameters)} finds "${found}", not "${wanted}"`);
    }
    return `${searches.length} by text, price and tag find what they should`;
  });
  await row("a buyer who knows the Bazaar alone", async () => {
    const cheapest = object("one/rates.json");
    const bytes = readFileSync(join(shop.content, cheapest.key));
    const stall = { facilitator: bazaar, price: cheapest.price, sha256: sha256(bytes) };
    let said;
    const paid = await purchase({ chain, stall, payer: buyer.address, payee: payee.address, wire: "v2", verifies: 0 }, async () => {
      const { code, out, err } = await agent();
      must(code === 0, `the agent ended with ${code}: ${err.trim()}`);
      said = err.trim().split("\n").join(", ");
      return JSON.parse(out);
    });
    return `${said}; ${bytes.length} bytes for $${dollars(cheapest.price)}, transaction ${paid.transaction}`;
  });
}
