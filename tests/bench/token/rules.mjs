// What the token must take and refuse, and in which words, as Circle's FiatTokenV2_2 does.

import { concat, encodeFunctionData, numberToHex, parseEventLogs, parseSignature, size, sliceHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { must } from "../purchase.mjs";
import { TYPES } from "../payment.mjs";

/** Of USDC on Base Sepolia: name, version, chain and address hashed as EIP-712 says. */
const DOMAIN_SEPARATOR = "0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818";
/** The order of secp256k1: https://www.secg.org/sec2-v2.pdf, 2.4.1 */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** When the calls happen, Unix seconds. */
const NOW = 2_000_000_000n;

const withV = (v) => (signature) => concat([sliceHex(signature, 0, 64), numberToHex(v, { size: 1 })]);
const withHighS = (signature) => {
  const { r, s, v } = parseSignature(signature);
  return concat([r, numberToHex(ORDER - BigInt(s), { size: 32 }), numberToHex(v === 27n ? 28 : 27, { size: 1 })]);
};
const signature = "FiatTokenV2: invalid signature";

const CANCEL = {
  CancelAuthorization: [{ name: "authorizer", type: "address" }, { name: "nonce", type: "bytes32" }],
};

/** What is special about an authorization, and the words of its refusal, if it is to be refused. */
const CASES = [
  { name: "an honest one" },
  { name: "from this second on", fields: { validAfter: NOW }, refusal: "FiatTokenV2: authorization is not yet valid" },
  { name: "from the last second on", fields: { validAfter: NOW - 1n } },
  { name: "until this second", fields: { validBefore: NOW }, refusal: "FiatTokenV2: authorization is expired" },
  { name: "until the next second", fields: { validBefore: NOW + 1n } },
  { name: "more than the payer has", fields: { value: 10n ** 12n }, refusal: "ERC20: transfer amount exceeds balance" },
  { name: "another amount than signed", signed: { value: 2n }, refusal: signature },
  { name: "high s", reshape: withHighS, refusal: "ECRecover: invalid signature 's' value" },
  { name: "v of 0", reshape: withV(0), refusal: "ECRecover: invalid signature 'v' value" },
  { name: "66 bytes", reshape: (bytes) => concat([bytes, "0x00"]), refusal: "ECRecover: invalid signature length" },
  { name: "a wallet's, by its owner", wallet: true },
  { name: "a wallet's, by its owner, over another amount", wallet: true, signed: { value: 2n }, refusal: signature },
];

/** Checks the token at `token` ({ address, abi, client }). `wallet` is owned by `payer`. */
export async function checkToken({ address, abi, client }, { payer, payee, wallet }) {
  const separator = await client.readContract({ address, abi, functionName: "DOMAIN_SEPARATOR" });
  must(separator === DOMAIN_SEPARATOR, `domain separator ${separator}, not ${DOMAIN_SEPARATOR}`);

  const signer = privateKeyToAccount(payer.key);
  const domain = { name: "USDC", version: "2", chainId: 84532, verifyingContract: address };
  const sign = (primaryType, types, message) => signer.signTypedData({ domain, types, primaryType, message });
  /** What both overloads say: the words of a refusal, or "taken". */
  const ask = async ({ fields, signed, reshape = (same) => same, wallet: isWallet }) => {
    const message = {
      from: isWallet ? wallet : payer.address, to: payee, value: 1n,
      validAfter: 0n, validBefore: NOW + 60n, nonce: numberToHex(1, { size: 32 }), ...fields,
    };
    const bytes = reshape(await sign("TransferWithAuthorization", TYPES, { ...message, ...signed }));
    const args = TYPES.TransferWithAuthorization.map((field) => message[field.name]);
    const split = [Number(sliceHex(bytes, 64, 65)), sliceHex(bytes, 0, 32), sliceHex(bytes, 32, 64)];
    // The second can carry 65 bytes only.
    const overloads = size(bytes) === 65 ? [[bytes], split] : [[bytes]];
    const said = await Promise.all(overloads.map((last) => {
      const data = encodeFunctionData({ abi, functionName: "transferWithAuthorization", args: [...args, ...last] });
      return client.call({ to: address, data, blockOverrides: { time: NOW } }).then(() => "taken", reason);
    }));
    return [...new Set(said)].join("; ");
  };

  for (const { name, refusal = "taken", ...what } of CASES) {
    const said = await ask(what);
    must(said === refusal, `${name}: ${said}, not ${refusal}`);
  }

  const cancelled = { authorizer: payer.address, nonce: numberToHex(2, { size: 32 }) };
  const { r, s, v } = parseSignature(await sign("CancelAuthorization", CANCEL, cancelled));
  const args = [payer.address, cancelled.nonce, Number(v), r, s];
  const hash = await client.writeContract({ address, abi, functionName: "cancelAuthorization", args });
  const { status, logs } = await client.waitForTransactionReceipt({ hash });
  const [event] = parseEventLogs({ abi, logs });
  must(status === "success" && event?.eventName === "AuthorizationCanceled", `cancelling: ${status}, ${event?.eventName}`);
  const said = await ask({ fields: { nonce: cancelled.nonce } });
  must(said === "FiatTokenV2: authorization is used or canceled", `cancelled: ${said}`);
}

/** The contract's own words in an error. */
function reason(error) {
  return error.walk((cause) => cause.name === "ExecutionRevertedError")?.details?.replace(/^.*revert(ed)?:? ?/, "") ?? error.message;
}
