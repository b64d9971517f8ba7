// What the page's script reckons by, tried without a browser: signatures against viem, amounts, and
// what answers mean, whose codes and limits are the function's.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashTypedData } from "viem";

import { must } from "../purchase.mjs";

const ROOT = new URL("../../..", import.meta.url).pathname;
const is = (found, wanted, what) => must(Object.is(found, wanted), `${what} gives ${found}, not ${wanted}`);

/** Of the modules in the folder `web`, those that need no document. */
export async function logic(web) {
  const load = (name) => import(join(web, name));
  const [{ normalised, typedData }, { units }, { viewOf, isActive }, { isRefusal, doubtAfter, refusalKind, waitSeconds }, { payable }] =
    await Promise.all(["sign.js", "text.js", "files.js", "verdict.js", "offers.js"].map(load));

  const offer = {
    scheme: "exact", network: "eip155:84532", asset: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", amount: `${2n ** 200n}`,
    payTo: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", maxTimeoutSeconds: 60, extra: { name: "USDC", version: "2" },
  };
  const message = { from: offer.asset, to: offer.payTo, value: offer.amount, validAfter: "0", validBefore: "1780000000", nonce: `0x${"ab".repeat(32)}` };
  const data = typedData(offer, message);
  const { EIP712Domain, ...types } = data.types;
  const field = (name, type) => ({ name, type });
  is(hashTypedData(data), hashTypedData({
    domain: { name: "USDC", version: "2", chainId: 84_532, verifyingContract: offer.asset }, primaryType: "TransferWithAuthorization", message,
    types: { TransferWithAuthorization: [
      field("from", "address"), field("to", "address"), field("value", "uint256"), field("validAfter", "uint256"), field("validBefore", "uint256"), field("nonce", "bytes32"),
    ] },
  }), "what is signed");
  is(EIP712Domain.map(({ name, type }) => `${type} ${name}`).join(), "string name,string version,uint256 chainId,address verifyingContract", "the domain's type");
  is(Object.keys(types).join(), "TransferWithAuthorization", "the types");

  const plain = `0x${"12".repeat(64)}`;
  for (const [given, wanted] of [["00", "1b"], ["01", "1c"], ["1b", "1b"], ["1c", "1c"]]) is(normalised(plain + given), plain + wanted, `v ${given}`);
  is(normalised(`${plain}00${"00".repeat(31)}`), `${plain}00${"00".repeat(31)}`, "a contract wallet's signature");
  for (const none of ["0x", "", null, undefined, {}, `${plain}zz`, "0x12"]) is(normalised(none), undefined, `the signature ${none}`);

  for (const [amount, decimals, text] of [["10000", 6, "0.01"], ["1", 6, "0.000001"], ["1000000000", 6, "1000"], ["0", 6, "0"], ["1500000000000000000", 18, "1.5"], [`${2n ** 200n}`, 0, `${2n ** 200n}`]]) {
    is(units(amount, decimals), text, `${amount} of ${decimals} decimals`);
  }
  // Of what the compiler does not make nothing needs to be known here.
  for (const wrong of [{ network: "eip155:1" }, { asset: offer.payTo }, { network: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1" }, { scheme: "upto" }, { extra: {} }, { extra: undefined }]) {
    is(Boolean(payable({ ...offer, ...wrong })), false, `an offer with ${JSON.stringify(wrong)}`);
  }
  is(Boolean(payable(offer)), true, "a good offer");

  for (const type of ["text/html", "application/xhtml+xml", "text/xml", "application/javascript", "text/javascript"]) {
    must(isActive(type) && viewOf(type, 1, true) === "", `${type} is shown`);
  }
  is(viewOf("image/svg+xml", 1, true), "image", "an SVG");

  const said = (code, resendSamePayment) => ({ code, resendSamePayment });
  is(isRefusal(undefined), false, "a gateway's answer");
  is(isRefusal(said("settlement_unknown", true)), false, "an outcome that is unknown");
  is(isRefusal(said("insufficient_balance", false)), true, "the function's no");
  is(refusalKind({ paid: 0, doubt: false }, "insufficient_balance"), "refused", "a plain refusal");
  is(refusalKind({ paid: 0, doubt: true }, "payment_expired"), "doubt", "a refusal after an unknown outcome");
  is(refusalKind({ paid: 1, doubt: true }, "payment_already_used"), "used", "a refusal after the file came");
  is(refusalKind({ paid: 0, doubt: false }, "payment_already_used"), "doubt", "a payment that is used though nothing came");
  is(doubtAfter(false, ""), true, "a lost answer");
  is(doubtAfter(true, "too_many_requests"), true, "a doubt that was there");
  for (const [tries, after] of [[0, null], [50, null], [0, "99999"], [0, "soon"]]) must(waitSeconds(tries, after) >= 1 && waitSeconds(tries, after) <= 60, `waits ${waitSeconds(tries, after)} s`);

  // The function's own words and limits.
  const codes = readFileSync(join(ROOT, "docs/codes.md"), "utf8");
  const named = [...readFileSync(join(web, "verdict.js"), "utf8").matchAll(/(?<=['" ])[a-z]+(?:_[a-z]+)+(?=['" ])/g)].map(([code]) => code);
  const strange = named.filter((code) => !codes.includes(`\`${code}\``));
  must(named.length > 5 && strange.length === 0, `the function has no code ${strange.join(", ")}`);
  const limits = readFileSync(join(ROOT, "paywall-core/src/limits.rs"), "utf8");
  const limit = (name) => Number(new RegExp(`${name}: \\w+ = (\\d+);`).exec(limits)?.[1]);
  const own = (file, name) => Number(new RegExp(`${name} = (\\d+);`).exec(readFileSync(join(web, file), "utf8"))?.[1]);
  must(own("buy.js", "LEAST_LEFT") > limit("WINDOW_LEFT_SECONDS"), "signatures are sent that the function refuses as too late");
  is(own("pay.js", "REOPENS_SECONDS"), limit("RESEND_SECONDS"), "how long a payment opens the file again");
  return `signatures, amounts, offers, ${named.length} codes and two limits of the function's`;
}
