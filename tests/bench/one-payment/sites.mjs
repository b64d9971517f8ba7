// Two sites of one payee, and their functions.

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** Keys of sites that share a seller, since `edge-local` makes some of its own for each run. */
const KEYS = { X402_HANDOVER_KEY: "4a".repeat(32), X402_PASS_KEY: "5b".repeat(32) };

function toml(site) {
  const pair = ([key, value]) => `${key} = ${String(value).startsWith("[") ? value : JSON.stringify(value)}`;
  const table = (name, entries) => [name, ...Object.entries(entries).map(pair), ""].join("\n");
  const price = (Number(SITES[site]) / 1_000_000).toFixed(3);
  return [
    table("[site]", { id: site, urls: '["http://127.0.0.1:8402"]', content: "content", discovery: false, default_root_object: "index.html" }),
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

/** The text of an object. */
export const bytes = (key) => `${key}: what was paid for\n`;

/**
 * Makes the folders of both sites' functions in `out`, of the executable `bootstrap` and of tables that
 * `compiler` compiles. Gives them, and the content's folder.
 */
export async function makeSites({ out, bootstrap, compiler }) {
  rmSync(out, { recursive: true, force: true });
  const content = join(out, "content");
  mkdirSync(content, { recursive: true });
  for (const key of ["index.html", ...Object.keys(RULES)]) writeFileSync(join(content, key), bytes(key));
  const functions = {};
  for (const site of Object.keys(SITES)) {
    const [config, folder] = [join(out, `${site}.toml`), join(out, site)];
    writeFileSync(config, toml(site));
    mkdirSync(folder);
    const compiled = await run(compiler, ["--config", config, "compile", "--output", join(folder, "table.bin")], { seconds: 60 });
    if (compiled.code !== 0) throw new Error(`the table of the site ${site} cannot be compiled:\n${compiled.err}`);
    symlinkSync(bootstrap, join(folder, "bootstrap"));
    functions[site] = { overridden: wrapper(folder, "overridden", ""), named: wrapper(folder, "named", "-u X402_FACILITATOR") };
  }
  return { content, functions };
}

/**
 * The function with keys that all runs share: `overridden` with the facilitator that `edge-local` names;
 * `named` with those of its table.
 */
function wrapper(folder, name, more) {
  const keys = Object.entries(KEYS).map(([name, key]) => `${name}=${key}`).join(" ");
  const path = join(folder, `${name}.sh`);
  writeFileSync(path, `#!/bin/sh\nexec env ${more} ${keys} '${join(folder, "bootstrap")}'\n`);
  chmodSync(path, 0o755);
  return path;
}
