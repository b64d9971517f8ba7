// The buyers: who they are, which wire they speak and how they are called.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const here = (path) => new URL(`buyers/${path}`, import.meta.url).pathname;

/** The version of a package that a buyer's folder resolves. */
function npmVersion(folder, name) {
  const require = createRequire(here(`${folder}/package.json`));
  const root = require.resolve.paths(name).map((path) => join(path, name)).find(existsSync);
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
}

/** The version that a lock file of pip or cargo holds. */
function locked(file, pattern) {
  return pattern.exec(readFileSync(here(file), "utf8"))[1];
}

/**
 * All buyers. `tools` are paths of programs; a buyer whose `tool` is not there is missing.
 * `args` come after the URL and the key. A contract wallet's payments need one `/verify` each.
 */
export function buyers({ edgeLocal, rustBuyer, pythonV1, pythonV2 }, wallet) {
  const node = (folder, name, wire) => ({
    name: `${name} ${npmVersion(folder, name)}`, wire, tool: process.execPath, script: here(`${folder}/buy.mjs`), args: [],
  });
  const python = (major, tool, library) => ({
    name: `x402 ${locked(`python/requirements-v${major}.txt`, /^x402==(\S+)/m)} for Python, ${library}`,
    wire: `v${major}`, tool, script: here(`python/buy_v${major}.py`), args: [library],
  });
  const curl = (wire) => ({
    name: `curl and edge-local sign, ${wire}`, wire, tool: "/bin/sh", script: here("curl/buy.sh"), args: [edgeLocal, wire],
  });
  const smartWallet = (form, library, wire) => ({
    name: `ERC-1271 wallet, ${form === "plain" ? "65 bytes" : "wrapped"}, ${library} ${npmVersion("smart-wallet", library)}`,
    wire, wallet, tool: process.execPath, script: here("smart-wallet/buy.mjs"), args: [wallet, form, wire],
  });
  return [
    node("fetch-v2", "@x402/fetch", "v2"),
    node("axios-v2", "@x402/axios", "v2"),
    node("fetch-v1", "x402-fetch", "v1"),
    node("axios-v1", "x402-axios", "v1"),
    python(2, pythonV2, "httpx"),
    python(2, pythonV2, "requests"),
    python(1, pythonV1, "httpx"),
    python(1, pythonV1, "requests"),
    {
      name: `x402-reqwest ${locked("rust/Cargo.lock", /name = "x402-reqwest"\nversion = "(.+)"/)}`,
      wire: "v2", tool: rustBuyer, args: [],
    },
    curl("v2"),
    curl("v1"),
    { name: "AWS sample's dialect", wire: "v2", tool: process.execPath, script: here("aws-dialect/buy.mjs"), args: [] },
    smartWallet("plain", "@x402/fetch", "v2"),
    smartWallet("wrapped", "@x402/fetch", "v2"),
    smartWallet("plain", "x402-fetch", "v1"),
    smartWallet("wrapped", "x402-fetch", "v1"),
  ];
}

/** The command of one purchase. */
export const command = (buyer, url, key) => [buyer.tool, [buyer.script, url, key, ...buyer.args].filter(Boolean)];
