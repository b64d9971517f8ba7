// Rows 1, 2 and 4: who sells what to whom. Two shops of one payee; two sites on one store.

import { must } from "../../purchase.mjs";
import { brief, payment, repeat, send } from "../buyer.mjs";

/** So many tries at the other shop, a second apart: the old tolerance of clocks was 15 s. */
const TRIES = 5;

/** Whether an answer neither opens nor offers to be paid again. */
const held = ({ status }) => status === 409 || status === 503;

async function twoShops(world, memories) {
  const [storeA, storeB] = await memories(world);
  const common = { facilitator: world.good, rpc: world.chain.rpc };
  const [a, b] = [await world.shop({ ...common, store: storeA }), await world.shop({ ...common, store: storeB })];
  return { a: a.at("/same.txt"), b: b.at("/same.txt") };
}

/** Bought at A, shown at B. */
const shownElsewhere = (memories) => async (world) => {
  const { a, b } = await twoShops(world, memories);
  const buyer = world.payer();
  const sent = await payment(a, buyer);
  const bought = await send(a, sent);
  const shown = await repeat(b, sent, TRIES);
  world.note(`A: ${bought.short}; B: ${brief(shown)}`);
  must(bought.status === 200, `A did not sell: ${bought.short}`);
  must(shown.every(held), "B may answer 409 or 503 only");
  must((await world.charged(buyer)) === 1, "not charged once");
};

/** Refused by B for want of money, then funded and settled at A, then shown at B again. */
const refusedFirst = (memories) => async (world) => {
  const { a, b } = await twoShops(world, memories);
  const buyer = world.pauper();
  const sent = await payment(b, buyer);
  const first = await send(b, sent);
  await world.chain.fund(buyer.address);
  const bought = await send(a, sent);
  const shown = await repeat(b, sent, TRIES);
  world.note(`B without funds: ${first.short}; A: ${bought.short}; B again: ${brief(shown)}`);
  must(first.status === 402, "B did not refuse a payment without funds");
  must(bought.status === 200, "A did not sell");
  must(shown.every(({ status }) => status !== 200), "B served what it never sold");
  must((await world.charged(buyer)) === 1, "not charged once");
};

const memory = async () => ["memory", "memory"];
const stores = async (world) => {
  const s3 = await world.s3();
  return [s3.store("shop-a"), s3.store("shop-b")];
};

async function twoSites(world) {
  const s3 = await world.s3();
  const common = { facilitator: world.good, rpc: world.chain.rpc, store: s3.store("shared") };
  return [await world.shop({ ...common, site: "cheap" }), await world.shop({ ...common, site: "dear" })];
}

/** The same payment at the other site, by the object's path. */
const samePayment = (path, fits) => async (world) => {
  const [cheap, dear] = await twoSites(world);
  const buyer = world.payer();
  const sent = await payment(cheap.at(path), buyer);
  const bought = await send(cheap.at(path), sent);
  const shown = await repeat(dear.at(path), sent, 2);
  world.note(`bought: ${bought.short}; at the other site: ${brief(shown)}`);
  must(bought.status === 200, "the first site did not sell");
  must(shown.every(fits), "the other site opened it, or did not say that it was used");
  must((await world.charged(buyer)) === 1, "not charged once");
};

/** The pass of one site at the other. */
async function foreignPass(world) {
  const [cheap, dear] = await twoSites(world);
  const bought = await send(cheap.at("/timed.txt"), await payment(cheap.at("/timed.txt"), world.payer()));
  const pass = bought.headers["x-payment-pass"];
  must(bought.status === 200 && pass, `no pass was sold: ${bought.short}`);
  const headers = { "X-PAYMENT-PASS": pass };
  const [own, other] = [await send(cheap.at("/timed.txt"), null, { headers }), await send(dear.at("/timed.txt"), null, { headers })];
  world.note(`pass at its own site: ${own.short}; at the other: ${other.short}`);
  must(own.status === 200, "the pass does not open its own site");
  must(other.status === 402, "the pass opens the other site");
}

export const shops = [
  {
    row: 1,
    title: "two shops of one payee with a node; bought at A, the same payment shown at B within seconds",
    cases: [
      { name: "memory", run: shownElsewhere(memory) },
      { name: "a store each", run: shownElsewhere(stores) },
    ],
  },
  {
    row: 2,
    title: "shown first at B (no funds), then settled at A, then shown at B again",
    cases: [{ name: "memory", run: refusedFirst(memory) }],
  },
  {
    row: 4,
    title: "two sites on one store; bought at one, shown at the other",
    cases: [
      { name: "index.html at $0.001 and at $0.005", run: samePayment("/index.html", ({ status }) => status === 402 || status === 409) },
      { name: "one price", run: samePayment("/same.txt", ({ status }) => status === 409) },
      { name: "timed access, one price", run: samePayment("/timed.txt", ({ status }) => status === 409) },
      { name: "a pass", run: foreignPass },
    ],
  },
];
