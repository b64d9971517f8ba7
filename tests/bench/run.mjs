// The bench: starts every part, has every buyer buy at every stall, writes down what happened,
// stops every part. `scripts/bench.sh` makes the parts and names them in the environment.

import { existsSync } from "node:fs";

import { startBrowser } from "./browser.mjs";
import { buyers, command } from "./buyers.mjs";
import { account, startChain } from "./chain.mjs";
import { forgeries } from "./forgeries.mjs";
import { hostilePayers, hostile } from "./hostile.mjs";
import { run, stopAll } from "./process.mjs";
import { challenge, must, purchase, Wrong } from "./purchase.mjs";
import { Report } from "./report.mjs";
import { openStalls } from "./stalls.mjs";
import { checkToken } from "./token/rules.mjs";

const tools = {
  edgeLocal: process.env.BENCH_EDGE_LOCAL,
  rustBuyer: process.env.BENCH_RUST_BUYER,
  pythonV1: process.env.BENCH_PYTHON_V1,
  pythonV2: process.env.BENCH_PYTHON_V2,
};
const [buyer, payee] = [account(0), account(1)];

async function bench(report) {
  const chain = await startChain({ funded: [buyer.address, ...hostilePayers()], owner: buyer.address });
  const { token, wallet } = chain;
  await report.row({ what: "the token's rules" }, () => checkToken(token, { payer: buyer, payee: payee.address, wallet }));
  const { stalls, flooded, honest } = await openStalls(chain, {
    edgeLocal: tools.edgeLocal,
    sample: process.env.BENCH_FUNCTION,
    otherTerms: process.env.BENCH_FUNCTION_OTHER_TERMS,
  });
  const chromium = process.env.BENCH_CHROMIUM;
  const browser = chromium ? await startBrowser(chromium) : null;
  const all = [
    ...buyers(tools, wallet).map((one) => ({ ...one, present: existsSync(one.tool ?? ""), buy: (url) => buy(one, url) })),
    {
      name: "@x402/fetch in Chromium, from another origin",
      wire: "v2",
      present: browser !== null,
      buy: (url) => browser.buy(url, buyer.key),
    },
  ];

  for (const stall of stalls) {
    await report.row({ what: "402 in both versions, with a listing", stall: stall.name }, async () => {
      const { v1, v2 } = await challenge(stall.url);
      must(v2.extensions?.bazaar && v1.accepts.every((entry) => entry.outputSchema), "catalogues are told nothing");
    });
    for (const { name, wire, wallet, present, buy } of all.filter(({ wire }) => stall.wires.includes(wire))) {
      const row = { what: name, stall: stall.name, wire, buys: true };
      if (!present) {
        report.missing(row);
        continue;
      }
      // What a facilitator alone can judge costs one /verify, whoever sells.
      const verifies = wallet ? 1 : stall.verifies;
      const terms = { chain, stall, payer: wallet ?? buyer.address, payee: payee.address, wire, verifies };
      await report.row(row, () => purchase(terms, () => buy(stall.url)));
    }
  }
  const [stall] = stalls;
  for (const { name, wire, check } of forgeries({ chain, stall, flooded, buyer, payee: payee.address })) {
    await report.row({ what: name, stall: stall.name, wire }, check);
  }
  const clients = all.filter(({ present }) => present);
  await hostile({ chain, honest, clients, edgeLocal: tools.edgeLocal, executable: process.env.BENCH_FUNCTION_OTHER_TERMS, report });
  report.logs = [...stalls, flooded].map(({ name, log }) => `=== seller: ${name}\n${log()}`).join("\n");
  await browser?.stop();
}

/** What a buyer's program tells. */
async function buy(one, url) {
  const { code, out, err } = await run(...command(one, url, buyer.key), { seconds: 60 });
  if (code !== 0) throw new Wrong(`ended with ${code}: ${(err || out).trim().slice(-1500)}`);
  return JSON.parse(out.trim().split("\n").at(-1));
}

let asked = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    if (asked) return;
    asked = true;
    console.error(`bench: ${signal}, stopping`);
    await stopAll();
    process.exit(1);
  });
}

const report = new Report(process.env.BENCH_OUT);
try {
  await bench(report);
} catch (error) {
  if (!asked) report.broken(error);
} finally {
  await stopAll();
}
if (!asked) process.exit(await report.finish({ allowMissing: process.argv.includes("--allow-missing") }));
