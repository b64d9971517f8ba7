// Pays from a contract wallet (ERC-1271) with the reference clients: `buy.mjs URL KEY WALLET FORM WIRE`.
// The key is the wallet's owner's. FORM is `plain`, the owner's 65 bytes, which do not recover to the
// wallet, or `wrapped`, as Coinbase's smart wallet wraps them. WIRE is `v1` or `v2`.

import { encodeAbiParameters } from "viem";
import { privateKeyToAccount, toAccount } from "viem/accounts";

import { tellResponse } from "../told.mjs";

const [url, key, wallet, form, wire] = process.argv.slice(2);
const owner = privateKeyToAccount(key);
const WRAPPER = [{
  type: "tuple",
  components: [{ name: "ownerIndex", type: "uint256" }, { name: "signatureData", type: "bytes" }],
}];

const refused = async () => {
  throw new Error("this wallet signs typed data only");
};
const account = toAccount({
  address: wallet,
  sign: refused,
  signMessage: refused,
  signTransaction: refused,
  async signTypedData(message) {
    const signatureData = await owner.signTypedData(message);
    return form === "plain" ? signatureData : encodeAbiParameters(WRAPPER, [{ ownerIndex: 0n, signatureData }]);
  },
});

async function payer() {
  if (wire === "v1") {
    const { wrapFetchWithPayment } = await import("x402-fetch");
    return wrapFetchWithPayment(fetch, account);
  }
  const { wrapFetchWithPaymentFromConfig } = await import("@x402/fetch");
  const { ExactEvmScheme } = await import("@x402/evm");
  const client = new ExactEvmScheme(account);
  return wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:84532", client }] });
}

const pay = await payer();
await tellResponse(await pay(url));
