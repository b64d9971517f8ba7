// `paywall prove` against this paywall and against the reference sellers, on the chain: what it says of
// each must be what is known of it. Writes the reports to target/bench/prove.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { account, startChain } from "./chain.mjs";
import { conduct, run, serve } from "./process.mjs";
import { startFacilitator } from "./stalls.mjs";
import { startSeller } from "./seller/seller.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const [buyer, payee] = [account(0), account(1)];
const reports = join(process.env.BENCH_OUT, "prove");

/** What is known to be wrong with a seller, and worth a note. */
const KNOWN = {
  // A range beyond the end is answered 416 with the length, unpaid as well.
  "edge-local": { wrong: [], note: ["range.unpaid"] },
  // Express answers HEAD by the GET route, which is not the route that is priced.
  "express-v2": {
    wrong: ["method.head"],
    note: ["purchase.v2.cors", "cache.vary", "terms.body", "cors.preflight", "cors.readable"],
  },
  // It makes its answer before it settles; of one that is not sold then, the ETag is left.
  "express-v1": {
    wrong: ["purchase.v1.etag", "method.head"],
    note: [
      "purchase.v1.cache", "purchase.v1.cors", "challenge.terms", "cache.challenge", "cache.vary", "terms.header",
      "cors.preflight", "cors.readable",
    ],
  },
};

await conduct(async () => {
  mkdirSync(reports, { recursive: true });
  const chain = await startChain({ funded: [buyer.address], owner: buyer.address });
  const [reference, legacy] = await Promise.all([
    startFacilitator("reference", chain.rpc, account(2)),
    startFacilitator("legacy", chain.rpc, account(3)),
  ]);
  const seller = async (name, facilitator) => {
    const args = [here(`reference-sellers/${name}/server.mjs`), facilitator.url, payee.address];
    return (await serve(process.execPath, args, /^(http:\S+)$/m)).ready;
  };
  const edge = await startSeller({
    edgeLocal: process.env.BENCH_EDGE_LOCAL, executable: process.env.BENCH_FUNCTION, facilitator: reference.url, sandboxes: 4,
  });
  const [v2, v1] = await Promise.all([seller("express-v2", reference), seller("express-v1", legacy)]);
  const all = [
    ["edge-local", `${edge.url}/reports/2026/market.json`, `${edge.url}/pictures/rates.png`],
    ["express-v2", `${v2}/report.json`, `${v2}/other.json`],
    ["express-v1", `${v1}/report.json`, `${v1}/other.json`],
  ];
  let fine = true;
  for (const [name, url, other] of all) fine = (await proven(name, url, other)) && fine;
  return fine;
});

/** Whether what is said of a seller is what is known of it. */
async function proven(name, url, other) {
  const args = ["prove", url, "--other", other, "--key-env", "PAYER", "--pause", "0", "--json"];
  const env = { PAYER: buyer.key, AWS_EC2_METADATA_DISABLED: "true" };
  const told = await run(process.env.BENCH_PAYWALL, [...args, "--report", join(reports, `${name}.md`)], { seconds: 300, env, keep: 1e6 });
  if (!told.out) {
    console.log(`${name}: no report: ${told.err}`);
    return false;
  }
  const report = JSON.parse(told.out);
  const of = (verdict) => report.checks.filter((line) => line.verdict === verdict);
  console.log(`${name}: ${report.requests} requests, ${of("right").length} right`);
  const expected = KNOWN[name];
  let fine = told.code === (expected.wrong.length ? 1 : 0);
  for (const verdict of ["wrong", "note", "not-tried"]) {
    const wanted = { "not-tried": ["transport.plain-http"], ...expected }[verdict];
    for (const { id, says } of of(verdict)) {
      const known = wanted.includes(id);
      console.log(`  ${verdict.padEnd(9)}  ${id.padEnd(22)}  ${known ? "" : "NOT KNOWN: "}${says}`);
      fine &&= known;
    }
    for (const id of wanted.filter((id) => !of(verdict).some((line) => line.id === id))) {
      console.log(`  ${verdict.padEnd(9)}  ${id.padEnd(22)}  NOT FOUND`);
      fine = false;
    }
  }
  // A report that is published names no key.
  const page = readFileSync(join(reports, `${name}.md`), "utf8");
  return fine && !page.includes(buyer.key.slice(2)) && !told.out.includes(buyer.key.slice(2));
}
