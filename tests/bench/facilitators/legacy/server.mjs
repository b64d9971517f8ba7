// The legacy facilitator, v1 only: `server.mjs RPC KEY`.

import { createWalletClient, http, publicActions } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { baseSepolia } from "viem/chains";
import { settle, verify } from "x402/facilitator";
import { PaymentPayloadSchema, PaymentRequirementsSchema } from "x402/types";

import { serveFacilitator } from "../serve.mjs";

const [rpc, key] = process.argv.slice(2);
// What the library's `createSigner` makes, on this chain instead of the public one.
const account = privateKeyToAccount(key);
const signer = createWalletClient({ account, chain: baseSepolia, transport: http(rpc) }).extend(publicActions);

const parsed = ({ paymentPayload, paymentRequirements }) => [
  PaymentPayloadSchema.parse(paymentPayload),
  PaymentRequirementsSchema.parse(paymentRequirements),
];

serveFacilitator({
  verify: (body) => verify(signer, ...parsed(body)),
  settle: (body) => settle(signer, ...parsed(body)),
  supported: () => ({ kinds: [{ x402Version: 1, scheme: "exact", network: "base-sepolia" }] }),
});
