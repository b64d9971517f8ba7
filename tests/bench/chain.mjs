// The chain: Anvil as Base Sepolia, with the token at its real address.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  createTestClient, decodeEventLog, encodeAbiParameters, http, keccak256, pad, publicActions, toHex, walletActions,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { baseSepolia } from "viem/chains";

import { serve } from "./process.mjs";
import { compile } from "./token/compile.mjs";

/** USDC on Base Sepolia: https://developers.circle.com/stablecoins/usdc-contract-addresses */
export const TOKEN = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";

/** Anvil's accounts, which are public: https://getfoundry.sh/anvil/overview */
const MNEMONIC = "test test test test test test test test test test test junk";

/** An account of Anvil's, with its key. */
export function account(addressIndex) {
  const account = mnemonicToAccount(MNEMONIC, { addressIndex });
  return { address: account.address, key: toHex(account.getHdKey().privateKey) };
}

/**
 * Starts the chain. `funded` addresses get $100 each; `owner` gets a contract wallet, funded too. Blocks
 * come every second and with every transaction: an idle chain's clock would stop, and payments signed by
 * the real clock would not be valid yet. With `slow`, they come every two seconds and at no other time, as
 * on Base.
 */
export async function startChain({ funded, owner, slow = false }) {
  const pace = slow ? ["--block-time", "2"] : ["--block-time", "1", "--mixed-mining"];
  const args = ["--port", "0", "--chain-id", `${baseSepolia.id}`, ...pace];
  const anvil = await serve(anvilBinary(), args, /Listening on (\S+)/);
  const rpc = `http://${anvil.ready}`;
  const deployer = mnemonicToAccount(MNEMONIC, { addressIndex: 9 });
  const client = createTestClient({ account: deployer, chain: baseSepolia, mode: "anvil", transport: http(rpc) })
    .extend(publicActions)
    .extend(walletActions);

  const { Usdc, Wallet } = await compile();
  await client.setCode({ address: TOKEN, bytecode: Usdc.runtime });
  const hash = await client.deployContract({ abi: Wallet.abi, bytecode: Wallet.code, args: [owner] });
  const { contractAddress: wallet } = await client.waitForTransactionReceipt({ hash });
  const fund = (address) => {
    const place = [{ type: "address" }, { type: "uint256" }];
    const slot = keccak256(encodeAbiParameters(place, [address, Usdc.slots.balanceOf]));
    return client.setStorageAt({ address: TOKEN, index: slot, value: pad(toHex(100_000_000)) });
  };
  for (const address of [...funded, wallet]) await fund(address);

  const read = (functionName, args) => client.readContract({ address: TOKEN, abi: Usdc.abi, functionName, args });
  return {
    rpc,
    wallet,
    token: { address: TOKEN, abi: Usdc.abi, client },
    stop: anvil.stop,
    /** Gives `address` $100, whatever it had. */
    fund,
    /** Tokens of `address`, in atomic units. */
    balanceOf: (address) => read("balanceOf", [address]),
    blockNumber: () => client.getBlockNumber({ cacheTime: 0 }),
    /** The token's events in blocks after `block`, as `{ eventName, args, transactionHash, blockNumber }`. */
    async eventsAfter(block) {
      const logs = await client.getLogs({ address: TOKEN, fromBlock: block + 1n, toBlock: "latest" });
      return logs.map(({ transactionHash, blockNumber, ...log }) => ({ ...decodeEventLog({ abi: Usdc.abi, ...log }), transactionHash, blockNumber }));
    },
    /** The receipt of a transaction, or null if there is none. */
    receipt: (hash) => client.getTransactionReceipt({ hash }).catch((error) => {
      if (error.name === "TransactionReceiptNotFoundError") return null;
      throw error;
    }),
  };
}

/** Anvil as npm carries it for this machine, or else the one that is installed. */
function anvilBinary() {
  const require = createRequire(import.meta.url);
  try {
    const found = require.resolve("@foundry-rs/anvil-linux-amd64/package.json");
    return join(dirname(found), "bin", "anvil");
  } catch {
    return "anvil";
  }
}
