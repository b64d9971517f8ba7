// Records what a real node answers about payments: Anvil as Base Sepolia, with the bench's token.
//
//   node paywall-core/tests/chain/record.mjs > paywall-core/tests/chain/anvil.json
//
// Needs `npm ci` in tests/bench. The accounts are Anvil's, whose keys are public.

import { createRequire } from "node:module";

import { TOKEN, account, startChain } from "../../../tests/bench/chain.mjs";
import { TYPES } from "../../../tests/bench/payment.mjs";

const require = createRequire(new URL("../../../tests/bench/package.json", import.meta.url));
const { encodeFunctionData, encodeDeployData } = require("viem");
const { privateKeyToAccount } = require("viem/accounts");
const solc = require("solc");

const CANCEL = { CancelAuthorization: [{ name: "authorizer", type: "address" }, { name: "nonce", type: "bytes32" }] };
const DOMAIN = { name: "USDC", version: "2", chainId: 84532, verifyingContract: TOKEN };
const VALUE = 10_000n;

/** Sends several calls of a token in one transaction, as a facilitator's batch does. */
const BATCH = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;
contract Batch {
    function run(address token, bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; i++) {
            (bool done,) = token.call(calls[i]);
            require(done);
        }
    }
}`;

function compileBatch() {
  const input = {
    language: "Solidity",
    sources: { "Batch.sol": { content: BATCH } },
    settings: { outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const { contracts } = JSON.parse(solc.compile(JSON.stringify(input)));
  const { abi, evm } = contracts["Batch.sol"].Batch;
  return { abi, code: `0x${evm.bytecode.object}` };
}

const [payer, payee, other] = [account(0), account(1), account(2)];
const chain = await startChain({ funded: [payer.address], owner: payer.address });
const { abi, client } = chain.token;
const mined = async (hash) => (await client.waitForTransactionReceipt({ hash })).transactionHash;
const nonce = (n) => `0x${n.toString(16).padStart(64, "0")}`;

async function transferCall(n, to) {
  const validBefore = BigInt(Math.floor(Date.now() / 1000)) + 3_600n;
  const message = { from: payer.address, to: to.address, value: VALUE, validAfter: 0n, validBefore, nonce: nonce(n) };
  const signature = await privateKeyToAccount(payer.key).signTypedData({
    domain: DOMAIN, primaryType: "TransferWithAuthorization", types: TYPES, message,
  });
  const args = [...Object.values(message), signature];
  return encodeFunctionData({ abi: abi.filter(isBytesForm("transferWithAuthorization")), args });
}

/** The form of a function that takes the signature as bytes. */
function isBytesForm(name) {
  return (item) => item.name === name && item.inputs.at(-1).type === "bytes";
}

const send = async (to, data) => mined(await client.sendTransaction({ to, data }));
const transactions = {};
transactions.paid = await send(TOKEN, await transferCall(1, payee));
transactions.burned = await send(TOKEN, await transferCall(2, other));

const cancelled = await privateKeyToAccount(payer.key).signTypedData({
  domain: DOMAIN, primaryType: "CancelAuthorization", types: CANCEL,
  message: { authorizer: payer.address, nonce: nonce(3) },
});
transactions.cancelled = await send(TOKEN, encodeFunctionData({
  abi: abi.filter(isBytesForm("cancelAuthorization")), args: [payer.address, nonce(3), cancelled],
}));

const batch = compileBatch();
const deployed = await client.waitForTransactionReceipt({
  hash: await client.sendTransaction({ data: encodeDeployData({ abi: batch.abi, bytecode: batch.code }) }),
});
transactions.batched = await send(deployed.contractAddress, encodeFunctionData({
  abi: batch.abi, args: [TOKEN, [await transferCall(5, other), await transferCall(6, payee)]],
}));

// Everything that can be asked about them.
const asked = [];
async function ask(method, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(chain.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  asked.push({ method, params, answer: await response.json() });
  return asked.at(-1).answer.result;
}
const hex = (n) => `0x${n.toString(16)}`;
const word = (address) => `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;

await ask("eth_chainId", []);
const head = Number(await ask("eth_blockNumber", []));
for (let number = 0; number <= head; number++) await ask("eth_getBlockByNumber", [hex(number), false]);
const events = ["98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5", "1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81"];
for (const n of [1, 2, 3, 4, 5, 6]) {
  const data = `0xe94a0102${word(payer.address).slice(2)}${nonce(n).slice(2)}`;
  for (const at of [...Array(head + 1).keys()].map(hex).concat("latest")) {
    await ask("eth_call", [{ to: TOKEN.toLowerCase(), data }, at]);
  }
  await ask("eth_getLogs", [{
    address: TOKEN.toLowerCase(), topics: [events.map((event) => `0x${event}`), word(payer.address), nonce(n)],
    fromBlock: "0x0", toBlock: hex(head),
  }]);
}
for (const hash of new Set(Object.values(transactions))) await ask("eth_getTransactionReceipt", [hash]);
const source = `${await client.request({ method: "web3_clientVersion" })}, @foundry-rs/anvil-linux-amd64 of npm, chain 84532`;
await chain.stop();

const of = (account) => account.address.toLowerCase();
const facts = { source, token: TOKEN.toLowerCase(), payer: of(payer), payee: of(payee), value: `${VALUE}`, transactions };
console.log(`${JSON.stringify(facts, null, 1).slice(0, -2)},\n "asked": [`);
console.log(asked.map((one) => `  ${JSON.stringify(one)}`).join(",\n"));
console.log(" ]\n}");
