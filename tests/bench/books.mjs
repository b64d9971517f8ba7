// A day of trade, made small: the books balance to the atomic unit, whatever goes wrong.
//
// Four sellers of two sandboxes each, as Regions would have them, sell from one store before facilitators of which three
// go wrong; sandboxes die; buyers come back. Then `paywall books` must say what the chain says, with all of the log, with
// one line in ten lost, and with one seller's log lost for good. BENCH_SALES is how many buyers there are.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { account, startChain } from "./chain.mjs";
import { CREDENTIALS, startS3 } from "./one-payment/s3.mjs";
import { sign } from "./payment.mjs";
import { conduct, run, serve, sleep } from "./process.mjs";
import { challenge, must } from "./purchase.mjs";
import { startSeller } from "./seller/seller.mjs";
import { startFacilitator } from "./stalls.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const SALES = Number(process.env.BENCH_SALES ?? 24);
const [PATH, PRICE] = ["/pictures/rates.png", 10_000n];
/** What the sellers do business with. */
const MANNERS = ["goes well", "settles, then resets the connection", "settles, then says success: false", "settles after everybody gave up"];
/** How often a buyer comes back; where it settles late, they never do, and are owed what they paid. */
const [TRIES, LATE_TRIES] = [5, 1];

const [owner, payee, settler] = [account(0), account(1), account(2)];
const buyers = Array.from({ length: SALES }, (_, index) => account(300 + index));

async function trade() {
  const folder = mkdtempSync(join(tmpdir(), "bench-books-"));
  const chain = await startChain({ funded: buyers.map(({ address }) => address), owner: owner.address });
  const [good, s3] = [await startFacilitator("reference", chain.rpc, settler), await startS3()];
  const tool = books({ chain, s3, folder });
  // The books begin before the trade, so that the payee's balance is known from then on; and once the token is deep enough.
  const since = await chain.blockNumber();
  while ((await chain.blockNumber()) < since + 6n) await sleep(500);
  await tool(["--keep"], /is not proven/);
  const before = await chain.balanceOf(payee.address);

  const sellers = await Promise.all(MANNERS.map(async (manner) => {
    const args = [here("facilitators/hostile/server.mjs"), good.url, manner];
    const facilitator = await serve(process.execPath, args, /^(https?:\S+)$/m);
    return startSeller({
      edgeLocal: process.env.BENCH_EDGE_LOCAL, executable: process.env.BENCH_FUNCTION_OTHER_TERMS,
      facilitator: facilitator.ready, sandboxes: 2, rpc: chain.rpc, seconds: 5, keep: 100_000_000,
      store: s3.store("x402-bench"), env: CREDENTIALS,
    });
  }));
  const quotes = await Promise.all(sellers.map(({ url }) => quoted(url + PATH)));
  let over = false;
  const deaths = death(sellers, () => over);
  const queue = buyers.map((buyer, index) => {
    const at = index % sellers.length;
    return { buyer, seller: sellers[at], quote: quotes[at], tries: at === 3 ? LATE_TRIES : TRIES };
  });
  const told = { served: 0, not: 0 };
  await Promise.all(Array.from({ length: 6 }, async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      told[(await buys(one)) ? "served" : "not"] += 1;
    }
  }));
  over = true;
  const dead = await deaths;
  // What is late is on the chain by then, and deep enough.
  await sleep(14_000);
  const paid = (await chain.balanceOf(payee.address)) - before;

  const lines = sellers.map(({ log }) => log().split("\n").filter((line) => line.includes('"outcome"')).map((line) => line.slice(line.indexOf("{"))));
  await tool(["--keep"]);
  const kept = await tool(["--kept", "--format", "json"]);
  const results = [["the kept ledger", kept]];
  for (const [name, logs] of [
    ["without a log", []],
    ["with the whole log", lines.flat()],
    ["with one line in ten lost", lines.flat().filter((_, index) => index % 10 !== 3)],
    ["with one seller's log lost", lines.slice(1).flat()],
  ]) {
    const file = join(folder, "log.txt");
    writeFileSync(file, logs.map((line) => `${new Date().toISOString()} ${line}\n`).join(""));
    const out = await tool(["--rpc", chain.rpc, "--format", "json", ...(logs.length ? ["--log", file] : [])], /is not proven/);
    results.push([name, out]);
  }
  const sums = results.map(([name, out]) => [name, sum(JSON.parse(out))]);
  for (const [name, { received, sales, owed, other }] of sums) {
    console.log(`${name}: received ${received.amount}, sales ${sales.rows}, owed ${owed.rows}, else ${other.rows}`);
    must(received.amount === paid, `${name}: ${received.amount} received, and the chain shows ${paid}`);
    must(received.amount === sales.amount + owed.amount, `${name}: not all is a sale or owed: ${out(name, results)}`);
    must(BigInt(received.rows) * PRICE === paid, `${name}: ${received.rows} transfers`);
  }
  const [, first] = sums[0];
  must(first.sales.rows === told.served, `${first.sales.rows} sales, and ${told.served} were served`);
  must(new Set(sums.map(([, one]) => JSON.stringify(one, (_, value) => (typeof value === "bigint" ? `${value}` : value)))).size === 1, "the log changes the books");
  must(first.owed.rows > 0, "nobody is owed anything, so nothing is tried");
  const refunds = await paywall({ s3 }, ["refunds", "--csv", "--rpc", chain.rpc, "--confirmations", "3"]);
  must(refunds.trim().split("\n").length - 1 === first.owed.rows, `refunds owed:\n${refunds}`);
  console.log(`${SALES} buyers, ${told.served} served, ${told.not} not, ${dead} sandboxes killed; lines: ${lines.flat().length}`);
  if (process.env.BENCH_LEDGER) await tool(["--rpc", chain.rpc, "--format", "parquet", "--output", process.env.BENCH_LEDGER], /is not proven/);
  rmSync(folder, { recursive: true, force: true });
}

const out = (name, results) => results.find(([one]) => one === name)[1].slice(0, 3_000);

/** What each account was credited with. */
function sum(rows) {
  const of = (wanted) => {
    const some = rows.filter(wanted);
    return { rows: some.length, amount: some.reduce((sum, row) => sum + BigInt(row.atomicAmount), 0n) };
  };
  const credited = (account) => of((row) => row.debit === "chain" && row.credit === account);
  return {
    received: of((row) => row.debit === "chain"),
    sales: credited("sales"),
    owed: credited("owed"),
    other: of((row) => row.debit !== "chain" || !["sales", "owed"].includes(row.credit)),
  };
}

/** `paywall books` on the bench's records. */
function books({ chain, s3 }) {
  return (more, but) => {
    const rpc = more.includes("--kept") || more.includes("--rpc") ? [] : ["--rpc", chain.rpc];
    return paywall({ s3 }, ["books", ...rpc, ...(more.includes("--kept") ? [] : ["--confirmations", "3"]), ...more], but);
  };
}

/** What it printed. It may warn of networks that nobody has a node of here, and of what matches `but`. */
async function paywall({ s3 }, args, but = /^$/) {
  const place = ["--config", here("seller/content.toml"), "--bucket", "x402-bench", "--prefix", "x402", "--endpoint-url", s3.url];
  const [command, ...more] = args;
  const { code, out, err } = await run(process.env.BENCH_PAYWALL, [command, ...place, ...more], { seconds: 120, env: CREDENTIALS, keep: 100_000_000 });
  const wrong = err.split("\n").filter((line) => line.startsWith("warning:") && !/is not looked at/.test(line) && !but.test(line));
  must((code === 0 || code === 3) && wrong.length === 0, `paywall ${args.join(" ")} ended with ${code}\n${err.slice(-3_000)}`);
  return out;
}

/** The 402 of a seller that is starting. */
async function quoted(url, tries = 10) {
  return challenge(url).catch(async (error) => {
    if (tries === 0) throw error;
    await sleep(1_000);
    return quoted(url, tries - 1);
  });
}

/** One payment, sent again as long as the answer asks for that. Whether it was served. */
async function buys({ buyer, seller, quote, tries }) {
  const url = seller.url + PATH;
  const { name, value } = await sign({ challenge: quote, wire: "v2", from: buyer.address, key: buyer.key });
  for (let time = 0; time < tries; time += 1) {
    const response = await fetch(url, { headers: { [name]: value } }).catch(() => null);
    if (response?.status === 200) return true;
    const json = await response?.json().catch(() => null);
    if (response && json?.paywall && !json.paywall.resendSamePayment) return false;
    await sleep(1_500);
  }
  return false;
}

/** Kills sandboxes now and then, until it is over. How many. */
async function death(sellers, over) {
  let killed = 0;
  while (!over()) {
    await sleep(2_500);
    const { pid } = sellers[killed % sellers.length];
    const { stdout } = await promisify(execFile)("ps", ["-o", "pid=", "--ppid", `${pid}`]).catch(() => ({ stdout: "" }));
    const [sandbox] = stdout.trim().split(/\s+/).filter(Boolean);
    if (sandbox) {
      process.kill(Number(sandbox), "SIGKILL");
      killed += 1;
    }
  }
  return killed;
}

await conduct(async () => {
  await trade();
  return true;
});
