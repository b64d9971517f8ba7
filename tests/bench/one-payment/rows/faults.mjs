// Rows 6, 9 and 12: a store's lost answer is no stranger's write, and a facilitator's fault is no sale.

import { must } from "../../purchase.mjs";
import { brief, insist, payment, send } from "../buyer.mjs";

/** The longer of the limits that a function has, in seconds: as long is the lease of whoever settles. */
const LEASE = 30;

/** The store does the `nth` write of the payer's account, and its answer is lost. */
const lostAnswer = (nth) => async (world) => {
  const s3 = await world.s3();
  const shop = await world.shop({ facilitator: world.good, rpc: world.chain.rpc, store: s3.store("lossy"), seconds: LEASE });
  const url = shop.at("/same.txt");
  // Only a connection that was used before is taken for stale, and its write repeated.
  for (let sale = 0; sale < 2; sale++) {
    const warm = await send(url, await payment(url, world.payer()));
    must(warm.status === 200, `not sold before the fault: ${warm.short}`);
  }
  const buyer = world.payer();
  const isBuyers = (path) => path.includes("/accounts/") && path.toLowerCase().includes(buyer.address.toLowerCase());
  s3.loseAnswer(isBuyers, nth);
  const answers = await insist(url, await payment(url, buyer), { seconds: 10 });
  const charged = await world.charged(buyer);
  world.note(`${brief(answers)}; charged ${charged}; answers lost: ${s3.faults()}`);
  must(s3.faults() === 1, `no answer was lost; the store has ${s3.paths().join(" ")}`);
  must(answers.at(-1).status === 200, "not served within 10 s");
  must(charged === 1, `charged ${charged} times`);
};

const verdict = ({ payer, body }, errorReason) => ({
  success: false, errorReason, transaction: "", network: body.paymentRequirements.network, payer,
});

/** How a facilitator says that it took nothing up. `one` and `two` are the objects sold by it alone, and by another after it. */
const reference = { one: "/same.txt", two: "/two.txt" };
const cdp = { one: "/one-cdp.txt", two: "/two-cdp.txt" };
const NOT_TAKEN = [
  {
    name: "308 to its www name", ...reference,
    settle: ({ raw }) => raw(308, "text/plain", "Redirecting...", { location: "/elsewhere/settle" }),
  },
  { name: "429 with a verdict", ...reference, settle: (call) => call.answer(429, verdict(call, "rate_limit_exceeded")) },
  {
    name: "400 for a limit of CDP's schema", ...cdp,
    settle: ({ answer }) => answer(400, {
      correlationId: "9f1c", errorType: "invalid_request",
      errorMessage: "'paymentPayload' is invalid: must match one of [x402V2PaymentPayload, x402V1PaymentPayload]",
    }),
  },
  {
    name: "500 no facilitator registered", ...reference,
    settle: ({ answer }) => answer(500, { error: "No facilitator registered for scheme: exact and network: eip155:84532" }),
  },
  { name: "CDP's invalid_payment_requirements", ...cdp, settle: (call) => call.answer(400, verdict(call, "invalid_payment_requirements")) },
  { name: "CDP's invalid_bazaar_extension", ...cdp, settle: (call) => call.answer(400, verdict(call, "invalid_bazaar_extension")) },
];

/** A second facilitator gets the payment. */
const nextIsAsked = ({ two, settle }) => async (world) => {
  const [first, second] = await world.namedFacilitators();
  first.settle = settle;
  const shop = await world.shop();
  const [url, buyer] = [shop.at(two), world.payer()];
  const answer = await send(url, await payment(url, buyer));
  const charged = await world.charged(buyer);
  const calls = `first asked ${first.calls.settle}, second ${second.calls.settle}`;
  world.note(`${answer.short}; ${calls}; charged ${charged}`);
  must(first.calls.redirected === 0, "a redirect was followed with a payment");
  must(answer.status === 200, "not served by the second facilitator");
  must(first.calls.settle === 1 && second.calls.settle === 1 && charged === 1, "not settled once");
};

/** Alone, it leaves the payer free. */
const notLocked = ({ one, settle }) => async (world) => {
  const [first] = await world.namedFacilitators();
  const honest = first.settle;
  first.settle = settle;
  const shop = await world.shop();
  const [url, buyer] = [shop.at(one), world.payer()];
  const fault = await send(url, await payment(url, buyer));
  first.settle = honest;
  const after = await send(url, await payment(url, buyer));
  const charged = await world.charged(buyer);
  world.note(`${fault.short}; when the fault is over, a new payment: ${after.short}; charged ${charged}`);
  must(first.calls.redirected === 0, "a redirect was followed with a payment");
  must(fault.status === 503 && fault.code !== "settlement_unknown", "should be 503, and not unknown");
  must(after.status === 200 && charged === 1, "the payer stayed locked out");
};

/** A payer whom the facilitator will not serve, and how it says so. */
const KYT = [
  { name: "as errorReason", json: (call) => verdict(call, "kyt_risk_detected") },
  { name: "as errorType", json: () => ({ errorType: "kyt_risk_detected", errorMessage: "The address was flagged.", correlationId: "9f1c" }) },
];

const blockedPayer = (json) => async (world) => {
  const [first, second] = await world.namedFacilitators();
  const [blocked, other] = [world.payer(), world.payer()];
  const honest = first.settle;
  first.settle = (call) => (call.payer.toLowerCase() === blocked.address.toLowerCase() ? call.answer(403, json(call)) : honest(call));
  const shop = await world.shop({ rpc: world.chain.rpc });
  const url = shop.at("/two-cdp.txt");
  const refused = [];
  for (let nth = 0; nth < 3; nth++) refused.push(await send(url, await payment(url, blocked)));
  const askedSecond = second.calls.settle;
  const asked = first.calls.settle;
  const served = await send(url, await payment(url, other));
  world.note(`flagged payer: ${brief(refused)}, second facilitator asked ${askedSecond} times; another payer: ${served.short}`);
  must(refused.every(({ status }) => status === 402), "the flagged payer was not refused");
  must(askedSecond === 0, "the next facilitator was asked for a flagged payer");
  must(served.status === 200 && first.calls.settle === asked + 1, "the facilitator is shut for another payer");
  must((await world.charged(blocked)) === 0 && (await world.charged(other)) === 1, "charged otherwise than served");
};

export const faults = [
  {
    row: 6,
    title: "our own conditional PUT is repeated after a broken connection and meets 412",
    cases: [
      { name: "the account's first write", run: lostAnswer(1) },
      { name: "the account's second write", run: lostAnswer(2) },
    ],
  },
  {
    row: 9,
    named: true,
    title: "the facilitator took nothing up, and says so in its own way; memory, no node",
    cases: NOT_TAKEN.flatMap((fault) => [
      ...(fault.two ? [{ name: `${fault.name}, another facilitator after it`, run: nextIsAsked(fault) }] : []),
      { name: `${fault.name}, alone`, run: notLocked(fault) },
    ]),
  },
  {
    row: 12,
    named: true,
    title: "a facilitator answers 403 for one payer",
    cases: KYT.map(({ name, json }) => ({ name: `kyt_risk_detected ${name}`, run: blockedPayer(json) })),
  },
];
