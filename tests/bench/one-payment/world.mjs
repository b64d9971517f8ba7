// What a row has at hand: payers, shops, facilitators, stores, a chain; and all of it stopped at its end.

import { account } from "../chain.mjs";
import { must } from "../purchase.mjs";
import { startSeller } from "../seller/seller.mjs";
import { startFacilitator } from "./facilitator.mjs";
import { startLateNode } from "./late-node.mjs";
import { CREDENTIALS, startS3 } from "./s3.mjs";
import { NAMED } from "./sites.mjs";

/** Anvil's accounts that pay: a row takes the next one. */
const FIRST_PAYER = 200;
const PAYERS = 120;

/** Who must be funded. */
export const payers = () => Array.from({ length: PAYERS }, (_, at) => account(FIRST_PAYER + at).address);

let taken = 0;

/** A world for one case; `close` stops what it started. `good` is the URL of a good facilitator. */
export function openWorld({ built, chain, good }) {
  const stops = [];
  const notes = [];
  const shops = [];
  const keep = (started) => {
    stops.push(started.stop);
    return started;
  };
  return {
    chain,
    good,
    /** Says what happened, for the row's line. */
    note: (text) => notes.push(text),
    notes,
    /** Somebody with $100 who never bought. */
    payer() {
      must(taken < PAYERS, "too few payers: raise PAYERS");
      return account(FIRST_PAYER + taken++);
    },
    /** Somebody without money. */
    pauper: () => account(FIRST_PAYER + PAYERS + taken++),
    facilitator: async (upstream = good) => keep(await startFacilitator(upstream)),
    /** The facilitators that the sites name. */
    namedFacilitators: async () => [
      keep(await startFacilitator(good, NAMED[0])),
      keep(await startFacilitator(good, NAMED[1])),
    ],
    s3: async () => keep(await startS3()),
    lateNode: async (how) => keep(await startLateNode(chain.rpc, how)),
    /**
     * Opens a shop. Without `facilitator` it asks those that its site names; without `rpc` it has no
     * node; without `store` it remembers in memory.
     */
    async shop({ site = "cheap", facilitator, rpc, store = "memory", sandboxes = 1, seconds = 5 } = {}) {
      const executable = built.functions[site][facilitator ? "overridden" : "named"];
      const seller = keep(await startSeller({
        edgeLocal: built.edgeLocal, executable, content: built.content, env: CREDENTIALS,
        facilitator: facilitator ?? "http://127.0.0.1:9", sandboxes, rpc, store, seconds,
      }));
      shops.push(seller);
      return { at: (path) => seller.url + path };
    },
    /** How often `payer` was charged, by the chain. */
    async charged({ address }) {
      const events = await chain.eventsAfter(-1n);
      const from = ({ eventName, args }) => eventName === "Transfer" && args.from.toLowerCase() === address.toLowerCase();
      return events.filter(from).length;
    },
    /** The shops' logs. */
    logs: () => shops.map(({ log }, at) => `--- shop ${at + 1}\n${log()}`).join("\n"),
    async close() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}
