// One payment opens one thing: what was once wrong with that, row by row, seen from outside over HTTP
// with a real chain behind it. Prints what was done, what happened, and whether that is right. scripts/bench.sh
// says where the parts are:
//
//   node one-payment.mjs [--row N]... [--logs]

import { join } from "node:path";
import { parseArgs } from "node:util";

import { account, startChain } from "./chain.mjs";
import { evidence } from "./one-payment/rows/evidence.mjs";
import { faults } from "./one-payment/rows/faults.mjs";
import { payers as payerRows } from "./one-payment/rows/payers.mjs";
import { shops } from "./one-payment/rows/shops.mjs";
import { makeSites } from "./one-payment/sites.mjs";
import { openWorld, payers } from "./one-payment/world.mjs";
import { LATE, conduct, within } from "./process.mjs";
import { Wrong } from "./purchase.mjs";
import { startFacilitator } from "./stalls.mjs";

const { values } = parseArgs({
  options: { row: { type: "string", multiple: true }, logs: { type: "boolean" } },
});

/** The longest that a case may take, in seconds. */
const CASE_SECONDS = 120;

const all = [...shops, ...evidence, ...payerRows, ...faults].sort((a, b) => a.row - b.row);
const rows = all.filter(({ row }) => !values.row || values.row.includes(`${row}`));

/** One case. Gives its line, and whether it is right. */
async function play({ name, run }, parts) {
  const world = openWorld(parts);
  let why = null;
  try {
    const end = await within(CASE_SECONDS, run(world));
    if (end === LATE) throw new Wrong(`no end after ${CASE_SECONDS} s`);
  } catch (error) {
    why = error instanceof Wrong ? error.message : `broken: ${error.stack}`;
    if (values.logs) console.error(`${name}: ${why}\n${world.logs()}`);
  } finally {
    await world.close();
  }
  const saw = world.notes.join("; ");
  return { right: why === null, line: `${why === null ? "right" : "WRONG"}  ${name}: ${saw}${why ? ` (${why})` : ""}` };
}

/** Rows that name facilitators share two ports, so they wait for each other; the others need not. */
async function lanes(parts) {
  const settlers = [account(5), account(6), account(7)];
  const own = rows.filter(({ named }) => !named);
  const queues = [rows.filter(({ named }) => named), own.filter((_, at) => at % 2), own.filter((_, at) => at % 2 === 0)];
  await Promise.all(queues.map(async (queue, at) => {
    const { url: good } = await startFacilitator("reference", parts.chain.rpc, settlers[at]);
    for (const one of queue) {
      one.told = [];
      for (const each of one.cases) one.told.push(await play(each, { ...parts, good }));
      console.error(`row ${one.row} is through`);
    }
  }));
}

function print() {
  const right = rows.filter(({ told }) => told.every((one) => one.right));
  for (const { row, title, told } of rows) {
    console.log(`${told.every((one) => one.right) ? "RIGHT" : "WRONG"}  row ${row}: ${title}`);
    for (const { line } of told) console.log(`       ${line}`);
  }
  console.log(`${right.length} right, ${rows.length - right.length} wrong`);
  return right.length === rows.length;
}

await conduct(async () => {
  const { BENCH_OUT, BENCH_BOOTSTRAP, BENCH_COMPILER, BENCH_EDGE_LOCAL } = process.env;
  const sites = await makeSites({ out: join(BENCH_OUT, "one-payment"), bootstrap: BENCH_BOOTSTRAP, compiler: BENCH_COMPILER });
  const built = { edgeLocal: BENCH_EDGE_LOCAL, ...sites };
  const chain = await startChain({ funded: payers(), owner: account(0).address });
  await lanes({ built, chain });
  return print();
});
