// The reference facilitator, v2 and v1: `server.mjs RPC KEY [--verify-first | --at-once]`. With
// `--at-once`, settles do not wait for each other: viem counts the account's transactions.

import { x402Facilitator } from "@x402/core/facilitator";
import { toFacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme } from "@x402/evm/exact/facilitator";
import { ExactEvmSchemeV1 } from "@x402/evm/exact/v1/facilitator";
import { createWalletClient, http, publicActions } from "viem";
import { nonceManager, privateKeyToAccount } from "viem/accounts";
import { baseSepolia } from "viem/chains";

import { serveFacilitator } from "../serve.mjs";

const [rpc, key, flag] = process.argv.slice(2);
const atOnce = flag === "--at-once";
const account = privateKeyToAccount(key, atOnce ? { nonceManager } : {});
const client = createWalletClient({ account, chain: baseSepolia, transport: http(rpc) }).extend(publicActions);
const signer = toFacilitatorEvmSigner({ ...client, address: account.address });
const facilitator = new x402Facilitator()
  .register("eip155:84532", new ExactEvmScheme(signer))
  .registerV1("base-sepolia", new ExactEvmSchemeV1(signer));

if (flag === "--verify-first") {
  // As the facilitators of the reference's own end-to-end tests do:
  // https://github.com/x402-foundation/x402/tree/main/e2e/facilitators
  const verified = new Set();
  const name = ({ paymentPayload }) => JSON.stringify(paymentPayload);
  facilitator
    .onAfterVerify(async (context) => {
      if (context.result.isValid) verified.add(name(context));
    })
    .onBeforeSettle(async (context) => {
      if (!verified.has(name(context))) {
        return { abort: true, reason: "Payment must be verified before settlement" };
      }
    });
}

/** Settles; a refusal by a hook is an answer like any other, not an error. */
async function settle({ paymentPayload, paymentRequirements }) {
  try {
    return await facilitator.settle(paymentPayload, paymentRequirements);
  } catch (error) {
    const [, errorReason] = /^Settlement aborted: (.*)$/s.exec(error.message) ?? [];
    if (!errorReason) throw error;
    return { success: false, errorReason, transaction: "", network: paymentRequirements.network };
  }
}

serveFacilitator({
  verify: ({ paymentPayload, paymentRequirements }) => facilitator.verify(paymentPayload, paymentRequirements),
  settle,
  supported: () => facilitator.getSupported(),
  atOnce,
});
