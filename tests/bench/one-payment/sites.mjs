// Two sites of one payee, and their functions, built in the workspace that is to be judged.

import { existsSync, mkdirSync, readFileSync, copyFileSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";

import { run } from "../process.mjs";

/** Where the facilitators listen that the sites name; others take free ports. */
export const NAMED = [18_402, 18_403];
const [FIRST, SECOND] = NAMED.map((port) => `"http://127.0.0.1:${port}"`);
/** The first one as CDP. Under a URL of its own: what is said of a URL holds in all rules. */
export const CDP_PATH = "/cdp";
const CDP = `{ url = "http://127.0.0.1:${NAMED[0]}${CDP_PATH}", dialect = "cdp" }`;

/** The price of the sites' `index.html` in atomic units. */
export const SITES = { cheap: 1_000n, dear: 5_000n };

/** What is for sale on both sites at one price: the file, and its rule's keys. */
const RULES = {
  "same.txt": { price: "0.002" },
  "timed.txt": { price: "0.003", access: "10m" },
  "rates.pdf": { path: "**/*.pdf", price: "0.002", access: "10m", pass: "rule" },
  "rates.csv": { path: "**/*.csv", price: "0.002", access: "10m", pass: "rule" },
  "fleet.txt": { price: "0.002", purchases: "independent" },
  "two.txt": { price: "0.002", facilitators: `[${FIRST}, ${SECOND}]` },
  "one-cdp.txt": { price: "0.002", facilitators: `[${CDP}]` },
  "two-cdp.txt": { price: "0.002", facilitators: `[${CDP}, ${SECOND}]` },
};

/** Keys that builds before "one payment opens one thing" do not know. */
const NEW_KEYS = ["id", "dialect", "purchases"];

/** Keys of sites that share a seller, since `edge-local` makes some of its own for each run. */
const KEYS = { X402_HANDOVER_KEY: "4a".repeat(32), X402_PASS_KEY: "5b".repeat(32) };

function toml(site, without) {
  const pair = ([key, value]) => {
    const text = value.startsWith("[") ? value : JSON.stringify(value);
    return `${key} = ${without.includes("dialect") ? text.replace(/, dialect = "cdp"/, "") : text}`;
  };
  const table = (name, entries) =>
    [name, ...Object.entries(entries).filter(([key]) => !without.includes(key)).map(pair), ""].join("\n");
  const price = (Number(SITES[site]) / 1_000_000).toFixed(3);
  return [
    table("[site]", { id: site, urls: '["http://127.0.0.1:8402"]', content: "content", default_root_object: "index.html" }),
    "[payment]",
    'pay_to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"',
    'accept = ["base-sepolia/usdc"]',
    `facilitators = [${FIRST}]`,
    "max_timeout_seconds = 300\n",
    // Rows say with `--store` where they remember payments. A bucket in the table says that no other
    // shop of this payee remembers them elsewhere; a row whose shops do so gives them memory.
    '[redemptions]\nstore = "s3"\nbucket = "x402-bench"\nregion = "us-east-1"\naccept_unresolved = true\n',
    table("[[rule]]", { path: "index.html", price }),
    ...Object.entries(RULES).map(([path, rule]) => table("[[rule]]", { path, ...rule })),
  ].join("\n");
}

/** Writes what is not there yet: cargo looks at times. */
function write(path, text) {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

/** The text of an object. */
export const bytes = (key) => `${key}: what was paid for\n`;

/**
 * Builds `edge-local` and the functions of both sites in `workspace`, with cargo's target folder at
 * `target`. Gives their paths, the content's folder, and the keys that this build does not know.
 */
export async function buildSites({ workspace, target, edgeLocal }) {
  const out = join(target, "one-payment");
  const content = join(out, "content");
  mkdirSync(content, { recursive: true });
  for (const key of ["index.html", ...Object.keys(RULES)]) write(join(content, key), bytes(key));

  const cargo = async (args, env) => {
    const built = await run("cargo", ["build", "-q", ...args], { seconds: 1_200, cwd: workspace, env });
    return built.code === 0 ? null : built.err;
  };
  if (!edgeLocal) {
    const failed = await cargo(["-p", "edge-local", "--target-dir", target], { CONTENT_CONFIG: undefined });
    if (failed) throw new Error(`edge-local cannot be built:\n${failed}`);
  }
  // In a folder of such functions: else every other build of the function would begin anew.
  const own = join(target, "bench-functions");
  const functions = {};
  let without = [];
  for (const site of Object.keys(SITES)) {
    const config = join(out, `${site}.toml`);
    const build = () => {
      write(config, toml(site, without));
      return cargo(["-p", "edge-fn", "--bin", "bootstrap", "--target-dir", own], { CONTENT_CONFIG: config, SECRETS_FILE: undefined });
    };
    let failed = await build();
    const unknown = [...(failed ?? "").matchAll(/has no key `(\w+)`/g)].map(([, key]) => key);
    if (unknown.length > 0 && unknown.every((key) => NEW_KEYS.includes(key))) {
      without = [...new Set([...without, ...unknown])];
      failed = await build();
    }
    if (failed) throw new Error(`the function of the site ${site} cannot be built:\n${failed}`);
    copyFileSync(join(own, "debug", "bootstrap"), join(out, site));
    functions[site] = wrappers(out, site);
  }
  return { edgeLocal: edgeLocal || join(target, "debug", "edge-local"), content, functions, without };
}

/**
 * The function with keys that all runs share: as `overridden`, with the facilitator that `edge-local`
 * names; as `named`, with those of its table.
 */
function wrappers(out, site) {
  const keys = Object.entries(KEYS).map(([name, key]) => `${name}=${key}`).join(" ");
  const wrap = (name, more) => {
    const path = join(out, `${site}-${name}.sh`);
    write(path, `#!/bin/sh\nexec env ${more} ${keys} '${join(out, site)}'\n`);
    chmodSync(path, 0o755);
    return path;
  };
  return { overridden: wrap("overridden", ""), named: wrap("named", "-u X402_FACILITATOR") };
}
