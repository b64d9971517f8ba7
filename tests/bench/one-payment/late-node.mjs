// A node that is behind: it answers as of some seconds ago, or stamps its blocks with a clock that is slow.

import { listen } from "./listen.mjs";

/** Where methods have the block that they are asked about. */
const BLOCK_AT = { eth_call: 1, eth_getBlockByNumber: 0, eth_getBalance: 1, eth_getCode: 1, eth_getTransactionCount: 1 };

/**
 * Stands before the node at `rpc`. With `behind`, it knows no block younger than so many seconds; with
 * `slow`, its blocks bear times so many seconds before theirs.
 */
export async function startLateNode(rpc, { behind = 0, slow = 0 }) {
  const ask = async (method, params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    return response.json();
  };
  const number = (hex) => Number.parseInt(hex, 16);
  const hex = (value) => `0x${value.toString(16)}`;

  /** The newest block that is old enough. */
  const head = async () => {
    const limit = Date.now() / 1000 - behind;
    let at = number((await ask("eth_blockNumber", [])).result);
    while (behind > 0 && at > 0) {
      const { result } = await ask("eth_getBlockByNumber", [hex(at), false]);
      // A chain's clock may run a little ahead of this one, so blocks are asked one by one.
      if (number(result.timestamp) <= limit) break;
      at -= 1;
    }
    return at;
  };
  const tags = ["latest", "pending", "safe", "finalized"];
  const known = (block, newest) => (block === undefined || tags.includes(block) ? hex(newest) : block);

  const answer = async ({ id, method, params = [] }, newest) => {
    const told = (result) => ({ jsonrpc: "2.0", id, result });
    const late = (json) => {
      if (json.result?.timestamp) json.result.timestamp = hex(number(json.result.timestamp) - slow);
      return { ...json, id };
    };
    if (method === "eth_blockNumber") return told(hex(newest));
    if (method in BLOCK_AT) {
      const at = BLOCK_AT[method];
      const asked = [...params];
      asked[at] = known(asked[at], newest);
      if (number(asked[at]) > newest) {
        const error = { code: -32000, message: "header not found" };
        return method === "eth_getBlockByNumber" ? told(null) : { jsonrpc: "2.0", id, error };
      }
      return late(await ask(method, asked));
    }
    if (method === "eth_getLogs") {
      const [filter] = params;
      const toBlock = known(filter.toBlock, newest);
      const clipped = hex(Math.min(number(toBlock), newest));
      return late(await ask(method, [{ ...filter, fromBlock: known(filter.fromBlock, newest), toBlock: clipped }]));
    }
    const json = await ask(method, params);
    // Of a transaction in a block that it does not know, it knows nothing.
    return json.result?.blockNumber && number(json.result.blockNumber) > newest ? told(null) : late(json);
  };

  return listen(async (request, response) => {
    const asked = JSON.parse((await request.toArray()).join(""));
    // A batch is answered as of one block.
    const newest = await head();
    const each = (one) => answer(one, newest);
    const json = Array.isArray(asked) ? await Promise.all(asked.map(each)) : await each(asked);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(json));
  });
}
