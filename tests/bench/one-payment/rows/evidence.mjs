// Rows 3 and 11: the money moved, and nobody who was asked says so.

import { must } from "../../purchase.mjs";
import { brief, insist, payment } from "../buyer.mjs";
import { forever } from "../facilitator.mjs";

/** How long a buyer may have to wait for the chain, beyond what the node is behind, in seconds. */
const PATIENCE = 30;

async function servedOnce(world, buyer, answers) {
  const charged = await world.charged(buyer);
  world.note(`${brief(answers)}; charged ${charged}`);
  const last = answers.at(-1);
  must(answers.every(({ status }) => status === 503 || status === 200), `answered ${last.short}: a buyer who believes that pays again, or gives up`);
  must(last.status === 200, "never served");
  must(charged === 1, `charged ${charged} times`);
}

/** Settles, and then does not answer in one of the ways of not answering. */
const silentAfterSettling = (silence) => {
  let settled = false;
  return async ({ good, reset }) => {
    if (!settled) await good();
    settled = true;
    return silence === "hangs" ? forever() : reset();
  };
};

const lateNode = (how, store, silence) => async (world) => {
  const node = await world.lateNode(how);
  const facilitator = await world.facilitator();
  facilitator.settle = silentAfterSettling(silence);
  const memory = store ? (await world.s3()).store("late") : "memory";
  const shop = await world.shop({ facilitator: facilitator.url, rpc: node.url, store: memory });
  const buyer = world.payer();
  const url = shop.at("/same.txt");
  const answers = await insist(url, await payment(url, buyer), { seconds: (how.behind ?? 0) + PATIENCE });
  await servedOnce(world, buyer, answers);
};

/** Says a refusal after the money moved, as those do that cannot get the receipt of what they sent. */
const falseRefusal = ({ code, path = "/same.txt", status = 200, message }) => async (world) => {
  const [first] = await world.namedFacilitators();
  let settled = false;
  first.settle = async ({ good, answer, payer, body }) => {
    if (!settled) await good();
    settled = true;
    const { network } = body.paymentRequirements;
    const errorMessage = message && { errorMessage: message };
    answer(status, { success: false, errorReason: code, ...errorMessage, transaction: "", network, payer });
  };
  const s3 = await world.s3();
  const shop = await world.shop({ rpc: world.chain.rpc, store: s3.store("refused") });
  const buyer = world.payer();
  const url = shop.at(path);
  await servedOnce(world, buyer, await insist(url, await payment(url, buyer), { seconds: PATIENCE }));
};

/** What `@x402/evm` says of its provider's words: `facts/facilitator-codes.md`, 2.1. */
const REFUSALS = [
  { code: "invalid_exact_evm_insufficient_balance" },
  { code: "invalid_exact_evm_insufficient_balance", message: "Insufficient account balance" },
  { code: "invalid_exact_evm_payload_authorization_valid_before" },
  { code: "invalid_exact_evm_payload_authorization_valid_after" },
  { code: "invalid_exact_evm_signature" },
  { code: "invalid_exact_evm_signature", message: "Invalid request signature" },
  { code: "invalid_payload", path: "/one-cdp.txt", status: 400 },
];

export const evidence = [
  {
    row: 3,
    title: "the node is late, the facilitator settles and never answers",
    cases: [
      { name: "its blocks' clock is 60 s slow, memory", run: lateNode({ slow: 60 }, false, "hangs") },
      { name: "its blocks' clock is 60 s slow, S3", run: lateNode({ slow: 60 }, true, "resets") },
      { name: "it knows no block of the last 20 s, memory", run: lateNode({ behind: 20 }, false, "resets") },
      { name: "it knows no block of the last 20 s, S3", run: lateNode({ behind: 20 }, true, "hangs") },
    ],
  },
  {
    row: 11,
    named: true,
    title: "the facilitator settles, cannot get its receipt, and says a refusal; S3 with a node",
    cases: REFUSALS.map((refusal) => ({
      name: `${refusal.code}${refusal.message ? ", with a message" : ""}${refusal.path ? " (CDP)" : ""}`,
      run: falseRefusal(refusal),
    })),
  },
];
