// Rows 5, 7, 8 and 10: what belongs to a payer stays the payer's.

import { concat, encodeAbiParameters } from "viem";
import { serializeErc6492Signature } from "viem/utils";

import { sleep } from "../../process.mjs";
import { must } from "../../purchase.mjs";
import { brief, ELSEWHERE, insist, Jar, payment, repeat, send } from "../buyer.mjs";
import { forever, pretended } from "../facilitator.mjs";

/** Two rules' cookies of one Path, in a browser. */
async function oneCookiePath(world) {
  const shop = await world.shop({ facilitator: world.good });
  const buyer = world.payer();
  const jar = new Jar();
  const opened = [];
  for (const path of ["/rates.pdf", "/rates.csv"]) {
    const url = shop.at(path);
    const bought = await send(url, await payment(url, buyer), { headers: jar.headers(url) });
    must(bought.status === 200, `${path} was not sold: ${bought.short}`);
    jar.take(bought);
  }
  for (const path of ["/rates.pdf", "/rates.csv"]) {
    const url = shop.at(path);
    opened.push(await send(url, null, { headers: jar.headers(url) }));
  }
  world.note(`both bought; then by cookie, the first: ${opened[0].short}, the second: ${opened[1].short}`);
  must(opened.every(({ status }) => status === 200), "an access that was paid for is gone");
}

/** A signature as a wallet contract that is not there yet gives it: https://eips.ethereum.org/EIPS/eip-6492 */
const erc6492 = (signature) => serializeErc6492Signature({ address: `0x${"51".repeat(20)}`, data: "0x00", signature });
/** As an account with code (https://eips.ethereum.org/EIPS/eip-7702) gives it, in Coinbase's wrapper. */
const eip7702 = (signature) => {
  const wrapper = [{ type: "tuple", components: [{ type: "uint256" }, { type: "bytes" }] }];
  return concat([encodeAbiParameters(wrapper, [[0n, signature]])]);
};

/** A facilitator that takes every signature; the payment whose nonce is `lost` it settles without a word. */
async function credulous(world) {
  const facilitator = await world.facilitator(null);
  facilitator.settled = [];
  facilitator.verify = ({ answer, payer }) => answer(200, { isValid: true, payer });
  facilitator.settle = async (call) => {
    facilitator.settled.push(call.nonce);
    if (call.nonce === facilitator.lost) await forever();
    call.answer(200, pretended(call));
  };
  return facilitator;
}

/** The raw payment's outcome is unknown: the wrapped one waits. */
const unknownHolds = (reshape) => async (world) => {
  const facilitator = await credulous(world);
  const shop = await world.shop({ facilitator: facilitator.url });
  const [url, buyer] = [shop.at("/same.txt"), world.payer()];
  const raw = await payment(url, buyer);
  facilitator.lost = raw.nonce;
  const first = await send(url, raw);
  const wrapped = await payment(url, buyer, { reshape });
  const second = await send(url, wrapped);
  const settled = facilitator.settled.includes(wrapped.nonce);
  world.note(`raw: ${first.short}; wrapped: ${second.short}, ${settled ? "" : "not "}settled`);
  must(first.status === 503, "the raw payment's outcome should be unknown");
  must(second.status === 503 && !settled, "a payment was settled beside an unknown one of the same payer");
  must(["earlier_payment_unknown", "payment_in_progress"].includes(second.code), `held for another reason: ${second.code}`);
};

/** What was bought raw is open to a wrapped signature. */
const stillOpen = (reshape) => async (world) => {
  const facilitator = await credulous(world);
  const shop = await world.shop({ facilitator: facilitator.url });
  const [url, buyer] = [shop.at("/timed.txt"), world.payer()];
  const first = await send(url, await payment(url, buyer));
  const second = await send(url, await payment(url, buyer, { reshape }));
  world.note(`raw: ${first.short}; wrapped: ${second.short}; settled ${facilitator.settled.length}`);
  must(first.status === 200 && second.status === 200, "not served");
  must(facilitator.settled.length === 1, "charged again for an access that was open");
};

/** The payer was served; an onlooker copies the payment and comes before the payer's re-sends. */
async function onlookerAfter(world) {
  const shop = await world.shop({ facilitator: world.good, rpc: world.chain.rpc });
  const [url, buyer] = [shop.at("/same.txt"), world.payer()];
  const sent = await payment(url, buyer);
  const bought = await send(url, sent);
  const copied = await repeat(url, sent, 3, { from: ELSEWHERE });
  const again = await repeat(url, sent, 3);
  world.note(`payer: ${bought.short}; onlooker: ${brief(copied)}; payer again: ${brief(again)}`);
  must(bought.status === 200, "not sold");
  must(copied.every(({ status }) => status === 409), "the onlooker was not refused");
  must(again.every(({ status }) => status === 200), "the payer's own re-sends were used up");
  must((await world.charged(buyer)) === 1, "not charged once");
}

/** The payer got no answer; an onlooker sees the settled payment, and is the first to come when the node sees it too. */
async function onlookerFirst(world) {
  const node = await world.lateNode({ behind: 5 });
  const facilitator = await world.facilitator();
  facilitator.settle = async ({ nth, good, reset }) => {
    if (nth === 1) await good();
    reset();
  };
  const shop = await world.shop({ facilitator: facilitator.url, rpc: node.url });
  const [url, buyer] = [shop.at("/same.txt"), world.payer()];
  const sent = await payment(url, buyer);
  const lost = await send(url, sent);
  const copied = await insist(url, sent, { seconds: 25, from: ELSEWHERE });
  copied.push(await send(url, sent, { from: ELSEWHERE }));
  const own = await insist(url, sent, { seconds: 15 });
  world.note(`payer: ${lost.short}; onlooker: ${brief(copied)}; payer: ${brief(own)}`);
  must(lost.status === 503, "the payment's outcome should be unknown at first");
  must(copied.every(({ status }) => status === 503 || status === 409), "the onlooker was served");
  must(own.at(-1).status === 200, "the payer was not served");
  must((await world.charged(buyer)) === 1, "not charged once");
}

/** A feed: one wallet and one object, windows of a day, so that all sales are kept. */
async function feed(world) {
  const s3 = await world.s3();
  const shop = await world.shop({ facilitator: world.good, rpc: world.chain.rpc, store: s3.store("feed"), seconds: 30 });
  const [url, buyer] = [shop.at("/index.html"), world.payer()];
  const answers = [];
  for (let nth = 0; nth < 30; nth++) answers.push(await send(url, await payment(url, buyer, { seconds: 86_400 })));
  const charged = await world.charged(buyer);
  world.note(`${brief(answers)}; charged ${charged}`);
  must(answers.every(({ status }) => status === 200), "not all were served");
  must(charged === 30, `charged ${charged} times`);
}

/** A fleet: ten at once, each sent once. */
async function fleet(world) {
  const s3 = await world.s3();
  const shop = await world.shop({ facilitator: world.good, rpc: world.chain.rpc, store: s3.store("fleet"), sandboxes: 10, seconds: 30 });
  const [url, buyer] = [shop.at("/fleet.txt"), world.payer()];
  const sent = [];
  for (let nth = 0; nth < 10; nth++) sent.push(await payment(url, buyer));
  const answers = await Promise.all(sent.map((one) => send(url, one)));
  await sleep(1_000);
  const charged = await world.charged(buyer);
  world.note(`${brief(answers.sort((a, b) => a.status - b.status))}; charged ${charged}`);
  must(answers.every(({ status }) => status === 200), "not all were served");
  must(charged === 10, `charged ${charged} times`);
}

export const payers = [
  {
    row: 5,
    title: 'two rules with `pass = "rule"` whose cookies have one Path; both bought in one browser',
    cases: [{ name: "**/*.pdf and **/*.csv", run: oneCookiePath }],
  },
  {
    row: 7,
    title: "one payer signs once raw and once wrapped",
    cases: [
      { name: "ERC-6492, the raw one unknown", run: unknownHolds(erc6492) },
      { name: "EIP-7702, the raw one unknown", run: unknownHolds(eip7702) },
      { name: "ERC-6492, timed access", run: stillOpen(erc6492) },
      { name: "EIP-7702, timed access", run: stillOpen(eip7702) },
    ],
  },
  {
    row: 8,
    title: "an onlooker from another network copies the settled payment and sends it first",
    cases: [
      { name: "after the payer was served", run: onlookerAfter },
      { name: "before the payer was served", run: onlookerFirst },
    ],
  },
  {
    row: 10,
    title: "one wallet buys one object again and again, or ten times at once, through S3 with a node",
    cases: [
      { name: "30 in a row, windows of 24 h", run: feed },
      { name: 'ten at once, purchases = "independent"', run: fleet },
    ],
  },
];
