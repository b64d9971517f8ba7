// One purchase, and what it must have done: on chain, at the facilitator, in the answer.

import { TOKEN } from "./chain.mjs";

/** A purchase gone wrong, in words. */
export class Wrong extends Error {}

export function must(holds, message) {
  if (!holds) throw new Wrong(message);
}

/**
 * Watches what `buy` does: `buy` gives what a buyer tells (`status`, `sha256`, `headers`).
 * The result has the balances, the calls and the transaction; it throws `Wrong` if anything is not as sold.
 */
export async function purchase({ chain, stall, payer, payee, wire, verifies }, buy) {
  const look = async () => ({
    payer: await chain.balanceOf(payer),
    payee: await chain.balanceOf(payee),
    block: await chain.blockNumber(),
    calls: await stall.facilitator.calls(),
  });
  const before = await look();
  const answer = await buy();
  const after = await look();
  const result = {
    payer: { address: payer, before: before.payer, after: after.payer },
    payee: { address: payee, before: before.payee, after: after.payee },
    verify: after.calls.verify - before.calls.verify,
    settle: after.calls.settle - before.calls.settle,
    status: answer.status,
  };
  try {
    must(answer.status === 200, `status ${answer.status}: ${answer.text}`);
    must(answer.sha256 === stall.sha256, `other bytes than the file's: ${answer.sha256} for ${stall.sha256}`);
    must(before.payer - after.payer === stall.price, `payer lost ${before.payer - after.payer}, not ${stall.price}`);
    must(after.payee - before.payee === stall.price, `payee got ${after.payee - before.payee}, not ${stall.price}`);
    result.transaction = await paidOnce(chain, before.block, { payer, payee, value: stall.price });
    checkReceipt(answer.headers, { wire, payer, transaction: result.transaction });
    must((await chain.receipt(result.transaction))?.status === "success", `no successful ${result.transaction} on chain`);
    must(result.settle === 1, `${result.settle} calls of /settle, not 1`);
    must(result.verify === verifies, `${result.verify} calls of /verify, not ${verifies}`);
  } catch (error) {
    if (error instanceof Wrong) error.result = result;
    throw error;
  }
  return result;
}

/** The transaction of the only payment after `block`: one authorization, one transfer, both the buyer's. */
async function paidOnce(chain, block, { payer, payee, value }) {
  const events = await chain.eventsAfter(block);
  const names = events.map((event) => event.eventName).sort().join();
  must(names === "AuthorizationUsed,Transfer", `events of the token: ${names || "none"}`);
  const [used, transfer] = ["AuthorizationUsed", "Transfer"].map((name) => events.find((event) => event.eventName === name));
  must(same(used.args.authorizer, payer), `an authorization of ${used.args.authorizer}`);
  must(same(transfer.args.from, payer) && same(transfer.args.to, payee), "a transfer between others");
  must(transfer.args.value === value, `a transfer of ${transfer.args.value}`);
  must(used.transactionHash === transfer.transactionHash, "an authorization apart from its transfer");
  return transfer.transactionHash;
}

/** The receipt in the header that this wire reads. */
export function checkReceipt(headers, { wire, payer, transaction }) {
  const name = wire === "v1" ? "x-payment-response" : "payment-response";
  must(headers[name], `no ${name} header`);
  const receipt = decode(headers[name]);
  must(receipt.success === true, `receipt without success: ${JSON.stringify(receipt)}`);
  must(receipt.transaction === transaction, `receipt for ${receipt.transaction}, not ${transaction}`);
  const network = wire === "v1" ? "base-sepolia" : "eip155:84532";
  must(receipt.network === network, `receipt on ${receipt.network}, not ${network}`);
  must(receipt.payer === undefined || same(receipt.payer, payer), `receipt of payer ${receipt.payer}`);
}

/** JSON from a header: standard base64, padded. */
export function decode(header) {
  must(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(header), `not standard base64: ${header}`);
  return JSON.parse(Buffer.from(header, "base64").toString());
}

/** The v2 challenge of an offer; it must declare what this seller does. */
export async function challenge(url) {
  const response = await fetch(url);
  must(response.status === 402, `${url} answered ${response.status}, not 402`);
  const header = response.headers.get("payment-required");
  must(header, "402 without PAYMENT-REQUIRED");
  must(header === response.headers.get("x-payment-required"), "X-PAYMENT-REQUIRED is another challenge");
  const v2 = decode(header);
  for (const offer of v2.accepts) must(offer.extra.paymentFlow === "upfront", `no upfront in ${JSON.stringify(offer)}`);
  must(same(v2.accepts[0].asset, TOKEN), `the first offer is in ${v2.accepts[0].asset}`);
  return { v2, v1: await response.json() };
}

const same = (left, right) => left?.toLowerCase() === right?.toLowerCase();
