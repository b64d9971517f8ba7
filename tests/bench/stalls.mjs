// The stalls: a seller before a facilitator, and what is bought there.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { account } from "./chain.mjs";
import { serve } from "./process.mjs";
import { startSeller } from "./seller/seller.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

/**
 * Opens all stalls on `chain`, each with `name`, `url`, `sha256` and `price` of what it sells, the
 * `wires` that its facilitator speaks, its `facilitator`, how often it `verifies` a plain payment,
 * and the seller's `log`. `flooded` is one more, with one sandbox, for forgers. `honest` is what those
 * sell who do business with a bad facilitator, and the good one behind it. `sample` and `otherTerms` are
 * the function's folder with either table.
 */
export async function openStalls({ rpc }, { edgeLocal, sample, otherTerms }) {
  const [reference, legacy, verifyFirst] = await Promise.all([
    startFacilitator("reference", rpc, account(2)),
    startFacilitator("legacy", rpc, account(3)),
    startFacilitator("reference", rpc, account(4), "--verify-first"),
  ]);
  const report = await object("/reports/2026/market.json", 10_000n);
  const summary = await object("/reports/2026/summary.txt", 2_000n);
  const picture = await object("/pictures/rates.png", 10_000n);
  const open = async (executable, { name, facilitator, path, sandboxes = 4, ...more }) => {
    const seller = await startSeller({ edgeLocal, executable, facilitator: facilitator.url, sandboxes });
    return { name, facilitator, log: seller.log, url: seller.url + path, wires: ["v2", "v1"], verifies: 0, ...more };
  };
  const stalls = await Promise.all([
    open(sample, { name: "reference", facilitator: reference, ...report }),
    open(sample, { name: "legacy", facilitator: legacy, ...report, wires: ["v1"] }),
    open(otherTerms, { name: "/verify first", facilitator: verifyFirst, ...report, verifies: 1 }),
    open(otherTerms, { name: "four offers", facilitator: reference, ...summary }),
    open(sample, { name: "flooded", facilitator: reference, ...report, sandboxes: 1 }),
  ]);
  const flooded = stalls.pop();
  return { stalls, flooded, honest: { url: reference.url, ...picture } };
}

/** Something for sale: where, for how many atomic units of the token, and the bytes that must come. */
async function object(path, price) {
  const bytes = await readFile(here(`../../content-config/sample/content${path}`));
  return { path, price, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** A facilitator that settles from an account of its own. */
export async function startFacilitator(folder, rpc, { key }, ...flags) {
  const args = [here(`facilitators/${folder}/server.mjs`), rpc, key, ...flags];
  const { ready: url } = await serve(process.execPath, args, /^(http:\S+)$/m);
  return {
    url,
    /** How many calls came so far, as `{ verify, settle }`. */
    calls: async () => (await fetch(`${url}/calls`)).json(),
  };
}
