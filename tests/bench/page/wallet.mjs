// A wallet: what it answers to a page. It signs by MetaMask's own `@metamask/eth-sig-util` or by `viem`, validates as
// strictly as the strictest does, and goes wrong as wallets do, if a scenario says so.

import { SignTypedDataVersion, signTypedData } from "@metamask/eth-sig-util";
import { randomUUID } from "node:crypto";
import { encodeAbiParameters } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const BASE_SEPOLIA = 84_532;
const ICON = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="#f60"/></svg>')}`;
/** As Coinbase's smart wallet wraps a signature: `token/Wallet.sol`. */
const WRAPPER = [{ type: "tuple", components: [{ name: "ownerIndex", type: "uint256" }, { name: "signatureData", type: "bytes" }] }];

export const never = () => new Promise(() => {});
/** An error of EIP-1193. */
export const fault = (code, message = `error ${code}`, data) => Object.assign(new Error(message), { code, data });
export const declined = () => {
  throw fault(4001, "User rejected the request.");
};

const hex = (number) => `0x${number.toString(16)}`;
const must = (holds, message) => {
  if (!holds) throw fault(-32602, message);
};

/**
 * A wallet of the account `key`, or of the contract `contract` that it owns. `on` has what it does in place of what
 * is asked, by method, with `{ params, nth, usual }`. `shape` changes what it gives: a signature, an account, a chain
 * id. `chains` are those that it knows; `chainId` is the one that it is on.
 */
export class Wallet {
  constructor({
    key, address, contract, rpc, name = "MetaMask", icon = ICON, rdns = "io.metamask", late, legacy,
    chainId = BASE_SEPOLIA, chains = [1, BASE_SEPOLIA], by = "metamask", on = {}, shape = {},
  }) {
    Object.assign(this, { key, rpc, name, chainId, by, on, shape });
    this.address = contract ?? address;
    this.contract = contract !== undefined;
    this.chains = new Set(chains);
    this.asked = [];
    this.announced = { id: randomUUID(), info: { uuid: randomUUID(), name, icon, rdns }, late, legacy };
  }

  /** How often it was asked for `method`. */
  count(method) {
    return this.asked.filter((one) => one.method === method).length;
  }

  /** How often a signature was asked for. */
  get signatures() {
    return this.count("eth_signTypedData_v4");
  }

  /** A line of the page's provider, answered with a line. */
  async answer({ method, params }) {
    this.asked.push({ method, params });
    const before = this.chainId;
    let told;
    try {
      const usual = () => this.#usual(method, params);
      const own = this.on[method];
      told = { result: await (own ? own({ params, nth: this.count(method), usual, wallet: this }) : usual()) };
    } catch ({ code, message, data }) {
      told = { error: { code, message, data } };
    }
    return { ...told, events: this.chainId === before ? [] : [["chainChanged", hex(this.chainId)]] };
  }

  async #usual(method, params) {
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [this.shape.account?.(this.address) ?? this.address];
      case "eth_chainId":
        return this.shape.chainId?.(this.chainId) ?? hex(this.chainId);
      case "wallet_switchEthereumChain":
        return this.#switch(params);
      case "wallet_addEthereumChain":
        return this.#add(params);
      case "eth_signTypedData_v4":
        return this.#sign(params);
      case "eth_call":
      case "eth_getCode":
      case "eth_getBlockByNumber":
        return this.#node(method, params);
      default:
        throw fault(4200, `${method} is not known here`);
    }
  }

  /** No key but this one, and the chain's id in one spelling: MetaMask/core, `ethereum-chain-utils.js`. */
  #switch([{ chainId, ...more }]) {
    must(Object.keys(more).length === 0, `unexpected keys: ${Object.keys(more)}`);
    must(chainId === hex(Number(chainId)), `Expected 0x-prefixed, unpadded, lower-case hexadecimal: ${chainId}`);
    if (!this.chains.has(Number(chainId))) throw fault(4902, `Unrecognized chain ID "${chainId}".`);
    this.chainId = Number(chainId);
    return null;
  }

  #add([{ chainId, chainName, rpcUrls, blockExplorerUrls, nativeCurrency, ...more }]) {
    must(Object.keys(more).length === 0, `unexpected keys: ${Object.keys(more)}`);
    must(chainId === hex(Number(chainId)) && chainName.length <= 100, `chain ${chainId} ${chainName}`);
    must([...rpcUrls, ...(blockExplorerUrls ?? [])].every((url) => url.startsWith("https://")), "only https");
    must(nativeCurrency.decimals === 18 && /^.{1,6}$/.test(nativeCurrency.symbol), "a coin has 18 decimals and 1 to 6 characters");
    this.chains.add(Number(chainId));
    this.chainId = Number(chainId);
    return null;
  }

  #sign([from, text, ...more]) {
    must(more.length === 0 && typeof text === "string", "two texts, the account first");
    must(from.toLowerCase() === this.address.toLowerCase(), `${from} is not an account of this wallet`);
    const data = JSON.parse(text);
    must(Object.keys(data).sort().join() === "domain,message,primaryType,types", `members: ${Object.keys(data)}`);
    must(data.types.EIP712Domain?.map(({ name }) => name).join() === "name,version,chainId,verifyingContract", "EIP712Domain is not whole");
    const numbers = Object.entries(data.message).filter(([, value]) => typeof value !== "string");
    must(numbers.length === 0, `not a string: ${numbers.join()}`);
    if (Number(data.domain.chainId) !== this.chainId) {
      throw fault(-32603, `Provided chainId "${data.domain.chainId}" must match the active chainId "${this.chainId}"`);
    }
    return this.#signature(data);
  }

  async #signature(data) {
    const plain = this.by === "viem"
      ? await privateKeyToAccount(this.key).signTypedData({ ...data, types: { [data.primaryType]: data.types[data.primaryType] } })
      : signTypedData({ privateKey: Buffer.from(this.key.slice(2), "hex"), data, version: SignTypedDataVersion.V4 });
    if (this.contract) return encodeAbiParameters(WRAPPER, [{ ownerIndex: 0n, signatureData: plain }]);
    return this.shape.signature?.(plain) ?? plain;
  }

  async #node(method, params) {
    const answer = await fetch(this.rpc, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = await answer.json();
    if (error) throw fault(-32603, error.message, error.data);
    return result;
  }
}

/** Ledger's recovery bit, in the last byte: 0 and 1 for 27 and 28. */
export const ledgers = (signature) => signature.slice(0, -2) + { "1b": "00", "1c": "01" }[signature.slice(-2)];
