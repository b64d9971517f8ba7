// Facilitators that go wrong: whoever buys is charged at most once, and whoever is charged is served.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { account, startChain } from "./chain.mjs";
import { scenarios } from "./facilitators/hostile/scenarios.mjs";
import { CREDENTIALS, startS3 } from "./one-payment/s3.mjs";
import { command } from "./buyers.mjs";
import { run, serve, sleep } from "./process.mjs";
import { must } from "./purchase.mjs";
import { startSeller } from "./seller/seller.mjs";
import { startFacilitator } from "./stalls.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

/** How often a buyer comes back, if there is something to hope for or not, and after how many milliseconds. */
const [TRIES, HOPELESS_TRIES, PAUSE] = [12, 4, 2_500];
/** How many scenarios run at the same time. */
const AT_ONCE = 4;
/** The shorter of the time limits that a viewer-request function may have. */
const SECONDS = 5;

/**
 * How buyers come back: those of the reference sign anew with each try; one that reads this project's
 * answers sends the same payment again.
 */
const MANNERS = [
  { manner: "signs anew", pick: ({ name }) => name.startsWith("@x402/fetch"), wire: "v2" },
  { manner: "signs anew", pick: ({ name }) => name.startsWith("x402-fetch"), wire: "v1" },
  { manner: "sends the same", pick: null, wire: "v2" },
];

/**
 * In the memory of a sandbox with a node, a transfer counts for nothing whose answer spoke against it: other
 * sandboxes may have sent it. It is charged once and listed for refund, and until it is over nothing else is charged.
 */
const LISTED = { charged: 1, served: false, told: "payment_unproven" };

const cases = Object.entries(scenarios).flatMap(([name, scenario]) => [
  ...MANNERS.map((manner) => ({ name, scenario, ...manner })),
  ...(scenario.contradicts ? MANNERS : []).map((manner) => ({
    name: `in memory: ${name}`, scenario: { ...scenario, ...LISTED, of: name }, inMemory: true, ...manner,
  })),
  // Every case has a payer of its own, from Anvil's accounts after those that others use.
]).map((one, index) => ({ ...one, payer: account(20 + index) }));

/** Who must be funded. */
export const hostilePayers = () => [regular, ...cases.map(({ payer }) => payer)].map(({ address }) => address);

/** Who buys twice, to see what a sale costs. */
const regular = account(19);

/** Plays all cases. `honest` is the good facilitator and what is sold; `clients` are who can buy. */
export async function hostile({ report, ...others }) {
  const s3 = await startS3();
  const parts = { ...others, s3 };
  const slow = await slowChain(cases.filter(({ scenario }) => scenario.slow), parts.honest);
  await report.row({ what: "two sales: two requests, one connection", stall: "a good facilitator", wire: "v2" }, () =>
    oneRequestASale(parts),
  );
  const queue = [...cases];
  const worker = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      const row = { what: `${one.name}; buyer ${one.manner}`, stall: "a bad facilitator", wire: one.wire };
      await report.row(row, () => play({ ...parts, ...(one.scenario.slow && slow), ...one }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await s3.stop();
}

/** A chain as slow as Base, with a good facilitator of its own. */
async function slowChain(cases, honest) {
  const [owner, settler] = [account(0), account(5)];
  const chain = await startChain({ funded: cases.map(({ payer }) => payer.address), owner: owner.address, slow: true });
  const { url } = await startFacilitator("reference", chain.rpc, settler);
  return { chain, honest: { ...honest, url } };
}

/** Two sales by one sandbox, one after the other. */
async function oneRequestASale({ chain, honest, edgeLocal, executable }) {
  const facilitator = await serve(process.execPath, [here("facilitators/hostile/server.mjs"), honest.url, "goes well"], /^(http:\S+)$/m);
  const seller = await startSeller({ edgeLocal, executable, facilitator: facilitator.ready, sandboxes: 1, seconds: SECONDS });
  try {
    for (const sale of [1, 2]) {
      const [{ status }] = await sendsTheSame(edgeLocal, seller.url + honest.path, regular, 1);
      must(status === 200, `sale ${sale}: status ${status}`);
    }
    const calls = await (await fetch(`${facilitator.ready}/calls`)).json();
    must(calls.settle === 2 && calls.verify === 0, `calls ${JSON.stringify(calls)}, not two of /settle`);
    must(calls.connections === 1, `${calls.connections} connections, not one`);
    return calls;
  } finally {
    await seller.stop();
    await facilitator.stop();
  }
}

async function play({ name, scenario, inMemory, pick, wire, payer, chain, honest, clients, edgeLocal, executable, s3 }) {
  const folder = mkdtempSync(join(tmpdir(), "bench-hostile-"));
  const stops = [];
  try {
    const certificate = scenario.tls ? await strangersCertificate(folder) : [];
    const args = [here("facilitators/hostile/server.mjs"), honest.url, scenario.of ?? name, ...certificate];
    const facilitator = await serve(process.execPath, args, /^(https?:\S+)$/m);
    stops.push(facilitator.stop);
    const seller = await startSeller({
      edgeLocal, executable, facilitator: facilitator.ready, sandboxes: 1, rpc: chain.rpc, seconds: SECONDS,
      // A store and a node: what is promised there is that who paid is served.
      ...(!inMemory && { store: s3.store(payer.address.toLowerCase()), env: CREDENTIALS }),
    });
    stops.push(seller.stop);

    const url = seller.url + honest.path;
    const before = await chain.balanceOf(payer.address);
    const buyer = pick ? clients.find((one) => one.wire === wire && !one.wallet && one.tool && pick(one)) : null;
    must(buyer || !pick, "the buyer is missing");
    const limit = scenario.served ? TRIES : HOPELESS_TRIES;
    const told = await (buyer ? signsAnew(buyer, url, payer, limit) : sendsTheSame(edgeLocal, url, payer, limit, scenario.told));
    const charged = (before - (await chain.balanceOf(payer.address))) / honest.price;
    const served = told.at(-1).status === 200;
    const tries = told.map(({ status }) => status).join(" ");

    must(charged <= 1n, `charged ${charged} times; ${tries}`);
    must(!served || told.at(-1).sha256 === honest.sha256, "other bytes than the file's");
    must(served || charged === 0n || scenario.told, `charged and never served; ${tries}\n${seller.log()}`);
    must(!told.some(({ status }) => status === 402), `told 402; ${tries}\n${seller.log()}`);
    must(charged === BigInt(scenario.charged) && served === scenario.served, `charged ${charged}, ${served ? "" : "not "}served; ${tries}\n${seller.log()}`);
    must(!/killed|timed out after/i.test(seller.log()), `a sandbox was killed:\n${seller.log()}`);
    return { status: told.at(-1).status, tries, charged };
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A reference client, run again for every failure. */
async function signsAnew(buyer, url, { key }, limit) {
  const told = [];
  while (told.length < limit) {
    const { code, out, err } = await run(...command(buyer, url, key), { seconds: 60 });
    // Some of them throw at what is not 200.
    const line = code === 0 ? JSON.parse(out.trim().split("\n").at(-1)) : { status: 0, text: (err || out).slice(-300) };
    told.push(line);
    if (line.status === 200) break;
    await sleep(PAUSE);
  }
  return told;
}

/** One payment, sent again as long as the answer asks for that; it may end with the code `last`. */
async function sendsTheSame(edgeLocal, url, { key }, limit, last) {
  const { out } = await run(edgeLocal, ["sign", "--key", key, url], { seconds: 30 });
  const [, name, value] = /^([\w-]+): (\S+)/.exec(out.trim());
  const told = [];
  while (told.length < limit) {
    const response = await fetch(url, { headers: { [name]: value } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    told.push({ status: response.status, sha256 });
    if (response.status === 200) break;
    const { paywall } = JSON.parse(bytes);
    must(response.status === 503 || paywall.code === last, `answered ${response.status} ${paywall.code} to a payment`);
    // Only the seller can mend it: whether that is right is judged by what was charged and served.
    if (!paywall.resendSamePayment) break;
    await sleep(PAUSE);
  }
  return told;
}

/** A certificate that nobody vouches for, for a name that is not the server's. */
async function strangersCertificate(folder) {
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const { code, err } = await run("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=another.example", "-addext", "subjectAltName=DNS:another.example", "-keyout", key, "-out", certificate,
  ]);
  must(code === 0, `openssl: ${err}`);
  return [certificate, key];
}
