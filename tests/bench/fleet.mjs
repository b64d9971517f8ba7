// A fleet behind one wallet: fifty buyers at once, one object, one payer, payments that stand alone
// (`purchases = "independent"`), records in S3, blocks every two seconds. All are served, and each is
// charged once, by the chain; a payment that is asked for again is sent again, and that is told. `scripts/bench.sh` names the parts in the environment.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { account, startChain } from "./chain.mjs";
import { CREDENTIALS, startS3 } from "./one-payment/s3.mjs";
import { LATE, conduct, run, within } from "./process.mjs";
import { checkReceipt, must, Wrong } from "./purchase.mjs";
import { startSeller } from "./seller/seller.mjs";
import { startFacilitator } from "./stalls.mjs";

const BUYERS = 50;
/** What is sold to them, and its price in atomic units: `seller/content.toml`. */
const [PATH, PRICE] = ["/datasets/prices.csv", 2_000n];
/** The longest that all of it may take, and that the buyers may take, in seconds. */
const [ALL_SECONDS, BUYERS_SECONDS] = [300, 120];

const here = (path) => new URL(path, import.meta.url).pathname;
const [owner, settler, payee, payer] = [account(0), account(2), account(1), account(18)];

/** How often each of `values` is there, those once left out. */
const repeated = (values) => [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];

async function fleet() {
  const chain = await startChain({ funded: [payer.address], owner: owner.address, slow: true });
  const facilitator = await startFacilitator("reference", chain.rpc, settler, "--at-once");
  const s3 = await startS3();
  try {
    const seller = await startSeller({
      edgeLocal: process.env.BENCH_EDGE_LOCAL, executable: process.env.BENCH_FUNCTION_OTHER_TERMS, env: CREDENTIALS,
      facilitator: facilitator.url, rpc: chain.rpc, store: s3.store("fleet"), sandboxes: BUYERS,
    });
    try {
      return await buyAtOnce(chain, facilitator, seller.url + PATH);
    } catch (error) {
      console.error(seller.log());
      throw error;
    }
  } finally {
    await s3.stop();
  }
}

async function buyAtOnce(chain, facilitator, url) {
  const [block, before] = [await chain.blockNumber(), await chain.balanceOf(payer.address)];
  const started = performance.now();
  const args = [here("buyers/fetch-v2/fleet.mjs"), url, payer.key, `${BUYERS}`];
  const { code, out, err } = await run(process.execPath, args, { seconds: BUYERS_SECONDS, keep: 200_000 });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  must(code === 0, `the buyers ended with ${code}: ${(err || out).trim().slice(-1500)}`);
  const told = out.trim().split("\n").map((line) => JSON.parse(line));
  must(told.length === BUYERS, `${told.length} buyers told how it went, not ${BUYERS}`);

  const events = await chain.eventsAfter(block);
  const of = (name) => events.filter(({ eventName }) => eventName === name);
  const [used, transfers] = [of("AuthorizationUsed"), of("Transfer")];
  const charged = before - (await chain.balanceOf(payer.address));
  const { settle, verify } = await facilitator.calls();
  const statuses = told.map(({ status }) => status).sort();
  const counts = [...new Set(statuses)].map((status) => `${statuses.filter((one) => one === status).length} x ${status}`);
  console.log(
    `${BUYERS} at once: ${counts.join(", ")}; ${seconds} s; ${transfers.length} transfers, charged $${Number(charged) / 1e6}, ` +
    `${settle} of /settle, ${verify} of /verify, in ${new Set(events.map((one) => one.blockNumber)).size} blocks, ` +
    `${err.match(/^sent again/gm)?.length ?? 0} sent again`,
  );

  const refused = told.filter(({ status }) => status !== 200);
  must(refused.length === 0, `${refused.length} were not served: ${refused[0]?.text}`);
  const sha256 = createHash("sha256").update(await readFile(here(`../../content-config/sample/content${PATH}`))).digest("hex");
  must(told.every((one) => one.sha256 === sha256), "other bytes than the file's");

  // Each answer names a transfer of its own, and there is no other.
  must(charged === PRICE * BigInt(BUYERS), `charged ${charged}, not ${PRICE} each`);
  must(transfers.length === BUYERS && used.length === BUYERS, `${transfers.length} transfers of ${used.length} payments`);
  const same = (left, right) => left.toLowerCase() === right.toLowerCase();
  must(transfers.every(({ args: { from, to, value } }) => same(from, payer.address) && same(to, payee.address) && value === PRICE), "a transfer of another price, or between others");
  must(repeated(used.map(({ args }) => args.nonce)).length === 0, "a payment was charged twice");
  const onChain = transfers.map(({ transactionHash }) => transactionHash);
  for (const { headers } of told) {
    const { transaction } = JSON.parse(Buffer.from(headers["payment-response"] ?? "e30=", "base64").toString());
    checkReceipt(headers, { wire: "v2", payer: payer.address, transaction });
    const at = onChain.indexOf(transaction);
    must(at >= 0, `a receipt for ${transaction}, which another buyer has or the chain does not`);
    onChain.splice(at, 1);
  }
}

await conduct(async () => {
  try {
    if ((await within(ALL_SECONDS, fleet())) === LATE) throw new Wrong(`no end after ${ALL_SECONDS} s`);
    console.log("right  each was served, and charged once");
    return true;
  } catch (error) {
    console.log(`WRONG  ${error instanceof Wrong ? error.message : error.stack}`);
    return false;
  }
});
