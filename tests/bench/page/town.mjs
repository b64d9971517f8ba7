// What every scenario has at hand: payers, wallets, the shop, the chain, what the facilitator does with a payer's
// payments, and tabs of one engine, which are judged and closed at its end.

import { account, startChain } from "../chain.mjs";
import { startFacilitator as startScripted } from "../one-payment/facilitator.mjs";
import { startS3 } from "../one-payment/s3.mjs";
import { must } from "../purchase.mjs";
import { startFacilitator } from "../stalls.mjs";
import { Person } from "./person.mjs";
import { openShop } from "./shop.mjs";
import { Wallet } from "./wallet.mjs";
import { layWire } from "./wire.mjs";

/** Anvil's accounts that pay: a scenario takes the next one. */
const FIRST_PAYER = 400;
const PAYERS = 200;
export const PAYEE = account(1).address;

/** Something that waits until it is opened. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

/** Starts chain, facilitator and shop. `settles` has what is done with the payments of a payer. */
export async function openTown({ out, bootstrap, compiler, edgeLocal }) {
  const funded = Array.from({ length: PAYERS }, (_, at) => account(FIRST_PAYER + at).address);
  const owner = account(0);
  const chain = await startChain({ funded, owner: owner.address });
  const good = await startFacilitator("reference", chain.rpc, account(2));
  const settles = new Map();
  const facilitator = await startScripted(good.url);
  const honest = facilitator.settle;
  facilitator.settle = (call) => (settles.get(call.payer.toLowerCase()) ?? honest)(call);
  const s3 = await startS3();
  const shop = await openShop({
    out, bootstrap, compiler, edgeLocal, facilitator: facilitator.url, rpc: chain.rpc, store: s3.store("page"),
  });
  let taken = 0;
  return {
    chain, shop, settles, honest, owner,
    payer() {
      must(taken < PAYERS, "too few payers: raise PAYERS");
      return account(FIRST_PAYER + taken++);
    },
    pauper: () => account(FIRST_PAYER + PAYERS + taken++),
    async stop() {
      await s3.stop();
      await facilitator.stop();
    },
  };
}

/** One scenario's place in the town, in windows of `engine`. */
export class Place {
  constructor({ town, engine, words, pictures }) {
    Object.assign(this, { town, engine, words, pictures: engine.name === "Chromium" ? pictures : undefined, people: [], wires: [] });
  }

  get shop() {
    return this.town.shop;
  }

  /** A wallet of somebody new who has $100, unless told otherwise. */
  wallet(how = {}) {
    const { address, key } = how.key ? how : this.town.payer();
    return new Wallet({ rpc: this.town.chain.rpc, address, key, ...how });
  }

  /** The contract wallet. */
  contractWallet(how = {}) {
    return this.wallet({ ...this.town.owner, contract: this.town.chain.wallet, ...how });
  }

  /** From now on the facilitator does this with the payments of `wallet`. */
  settles(wallet, work) {
    this.town.settles.set(wallet.address.toLowerCase(), work);
  }

  /** A wire to the shop, for visits. */
  async wire() {
    const wire = await layWire(new URL(this.shop.at("")).port);
    this.wires.push(wire);
    return wire;
  }

  /** Somebody comes to where a key is sold, by a wire if there is one. */
  async visits(key, { wire, ...how } = {}) {
    const { words, pictures, engine } = this;
    const url = new URL(this.shop.at(key));
    const person = await Person.visit(engine, wire ? wire.url + url.pathname : url.href, { words, pictures, ...how });
    this.people.push(person);
    return person;
  }

  /** What `wallet` paid, by the token's Transfer logs, in atomic units: one number for each. */
  async paid(wallet) {
    const events = await this.town.chain.eventsAfter(-1n);
    const from = events.filter(({ eventName, args }) => eventName === "Transfer" && args.from.toLowerCase() === wallet.address.toLowerCase());
    must(from.every(({ args }) => args.to.toLowerCase() === PAYEE.toLowerCase()), "a transfer to somebody else");
    return from.map(({ args }) => args.value);
  }

  /** Paid so much, once, with one signature. */
  async paidOnce(wallet, price) {
    const paid = await this.paid(wallet);
    must(paid.length === 1 && paid[0] === price, `transfers of ${paid.join(", ") || "nothing"}, not one of ${price}`);
    must(wallet.signatures === 1, `${wallet.signatures} signatures were asked for`);
  }

  /** Not charged at all. */
  async paidNothing(wallet) {
    const paid = await this.paid(wallet);
    must(paid.length === 0, `charged ${paid.join(", ")}`);
  }

  /** From the choice of the wallet to the signature. */
  async pays(person, { match } = {}) {
    await person.sees("ready");
    await person.presses("use", { match });
    await person.sees("confirm");
    await person.presses("sign");
  }

  /** Everybody leaves, and each visit is judged. */
  async leave() {
    for (const person of this.people.splice(0).reverse()) await person.leaves();
  }

  /** Closes what is left, also after a fault. */
  async close() {
    for (const person of this.people.splice(0).reverse()) await person.close().catch(() => {});
    for (const wire of this.wires.splice(0)) await wire.stop();
  }
}
