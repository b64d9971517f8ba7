// Payments that nobody signed, and what they may cost the seller: facilitator calls.

import { createHash } from "node:crypto";
import { concat, numberToHex, sliceHex } from "viem";
import { generatePrivateKey } from "viem/accounts";

import { pay } from "./payment.mjs";
import { challenge, must, purchase } from "./purchase.mjs";

/** The order of secp256k1: https://www.secg.org/sec2-v2.pdf, 2.4.1 */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const word = (number) => numberToHex(number, { size: 32 });
const withR = (r) => (signature) => concat([word(r), sliceHex(signature, 32)]);
const withS = (s) => (signature) => concat([sliceHex(signature, 0, 32), word(s), sliceHex(signature, 64)]);

/** What is forged, how, and the calls of `/verify` that it may cost. */
const CASES = [
  { name: "no signature", reshape: () => "0x", verifies: 0 },
  { name: "one byte", reshape: (signature) => sliceHex(signature, 0, 1), verifies: 0 },
  { name: "63 bytes", reshape: (signature) => sliceHex(signature, 0, 63), verifies: 0 },
  { name: "r = 0", reshape: withR(0n), verifies: 0 },
  { name: "r = the curve's order", reshape: withR(ORDER), verifies: 0 },
  { name: "s = 0", reshape: withS(0n), verifies: 0 },
  { name: "s above the curve's order", reshape: withS(ORDER + 1n), verifies: 0 },
  { name: "65 bytes of another's key", key: generatePrivateKey(), verifies: 1 },
  { name: "65 bytes over another amount", signed: { value: 1n }, verifies: 1 },
];

/** Of edge-fn: what a sandbox asks facilitators to judge at once for one network, and until it may ask once more. */
const [BURST, REFILL_MS] = [10, 3_000];
const FLOOD = 60;

/** All checks, as `{ name, wire, check }`. `flooded` is a stall with one sandbox. */
export function forgeries({ chain, stall, flooded, buyer, payee }) {
  const watch = async ({ facilitator }, act) => {
    const look = async () => [await facilitator.calls(), await chain.balanceOf(buyer.address), await chain.balanceOf(payee)];
    const [before, ...had] = await look();
    await act();
    const [after, ...has] = await look();
    must(`${had}` === `${has}`, `tokens moved: ${had} before, ${has} after`);
    return { verify: after.verify - before.verify, settle: after.settle - before.settle };
  };

  const one = ({ name, verifies, ...forged }, wire) => ({
    name: `forged: ${name}`,
    wire,
    async check() {
      const honest = { challenge: await challenge(stall.url), wire, from: buyer.address, key: buyer.key };
      let status, text;
      const calls = await watch(stall, async () => {
        const response = await pay(stall.url, { ...honest, ...forged });
        [status, text] = [response.status, await response.text()];
      });
      must(status === 402, `status ${status}, not 402: ${text}`);
      must(calls.verify === verifies && calls.settle === 0, `calls ${JSON.stringify(calls)}, not ${verifies} and 0: ${text}`);
      return { ...calls, status, code: JSON.parse(text).error };
    },
  });

  const flood = {
    name: `forged: ${FLOOD} by others' keys, at one sandbox`,
    wire: "v2",
    async check() {
      const honest = { challenge: await challenge(flooded.url), wire: "v2", from: buyer.address, key: buyer.key };
      const statuses = {};
      const started = performance.now();
      const calls = await watch(flooded, async () => {
        for (let sent = 0; sent < FLOOD; sent++) {
          const { status } = await pay(flooded.url, { ...honest, key: generatePrivateKey() });
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      });
      const allowed = BURST + Math.ceil((performance.now() - started) / REFILL_MS);
      must(!statuses[200], `${statuses[200]} forgeries were served`);
      must(calls.settle === 0, `${calls.settle} calls of /settle`);
      must(calls.verify >= BURST && calls.verify <= allowed, `${calls.verify} calls of /verify, not ${BURST} to ${allowed}`);

      // Who signs for a plain account still can buy.
      const terms = { chain, stall: flooded, payer: buyer.address, payee, wire: "v2", verifies: 0 };
      await purchase(terms, async () => told(await pay(flooded.url, honest)));
      return { ...calls, statuses };
    },
  };

  return [...["v2", "v1"].flatMap((wire) => CASES.map((forged) => one(forged, wire))), flood];
}

/** What a buyer tells. */
async function told(response) {
  const body = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    sha256: createHash("sha256").update(body).digest("hex"),
    headers: Object.fromEntries(response.headers),
    text: body.toString().slice(0, 400),
  };
}
