// Compiles the token and the wallet with solc's wasm build.

import { readFile } from "node:fs/promises";
import solc from "solc";

const FILES = ["Usdc.sol", "Wallet.sol"];

/** The contracts by name: `abi`, `code` to deploy, `runtime` code, and the slot of each storage variable. */
export async function compile() {
  const sources = {};
  for (const file of FILES) {
    sources[file] = { content: await readFile(new URL(file, import.meta.url), "utf8") };
  }
  const outputSelection = {
    "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"] },
  };
  const settings = { optimizer: { enabled: true }, evmVersion: "cancun", outputSelection };
  const input = JSON.stringify({ language: "Solidity", sources, settings });
  const { contracts, errors = [] } = JSON.parse(solc.compile(input));
  if (errors.length > 0) {
    throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  }
  return Object.fromEntries(
    Object.values(contracts)
      .flatMap(Object.entries)
      .map(([name, { abi, evm, storageLayout }]) => [name, {
        abi,
        code: `0x${evm.bytecode.object}`,
        runtime: `0x${evm.deployedBytecode.object}`,
        slots: Object.fromEntries(storageLayout.storage.map(({ label, slot }) => [label, BigInt(slot)])),
      }]),
  );
}
