// The shop that is listed: its files, its content.toml, and the function's folder with each of its tables.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../process.mjs";

const SAMPLE = new URL("../../../content-config/sample/content", import.meta.url).pathname;

/** How catalogues are to show it. */
export const SHOP = {
  name: "Harbour Reports",
  tags: ["shipping", "freight", "markets"],
  icon: "https://example.com/harbour.png",
};

/** How many ways to pay, by the folder of what is sold so. The chain of the bench is the first. */
const OFFERS = {
  one: ["base-sepolia/usdc"],
  three: ["base-sepolia/usdc", "avalanche-fuji/usdc", "polygon-amoy/usdc"],
};

/** What lies in each of these folders: a copy of a file of the sample's, and its rule's keys. */
const FILES = [
  {
    name: "rates.json", file: "reports/2026/market.json", mimeType: "application/json", kind: "json",
    title: "Rates of the year", description: "Container freight rates of the North Sea ports, one row a month.",
    sample: { month: "2026-01", route: "CNSHA-NLRTM", usdPerFeu: 2140 },
  },
  {
    name: "summary.txt", file: "reports/2026/summary.txt", mimeType: "text/plain; charset=utf-8", kind: "text",
    title: "Summary", description: "The year's freight rates in a page of plain text.",
    sample: "January: the rate to Rotterdam fell by three per cent.",
  },
  {
    name: "prices.csv", file: "datasets/prices.csv", mimeType: "text/csv; charset=utf-8", kind: "text",
    title: "Daily prices", description: "The daily rates behind the reports, \"as quoted\", in a table.",
    sampleFile: "day,route,usd\n2026-01-02,CNSHA-NLRTM,2140\n",
  },
  {
    name: "chart.png", file: "pictures/rates.png", mimeType: "image/png", kind: "binary",
    title: "Chart", description: "Freight rates of the year as a picture, to print.",
    sample: { shows: "rates by month", pixels: [640, 400] },
  },
  {
    name: "plain.png", file: "pictures/rates.png", mimeType: "image/png", kind: "binary",
    title: "Chart without a sample", description: "The same picture, of which nothing is shown before.",
  },
];

/** Prices in atomic units: each object has its own, and the dearer way is the one with more offers. */
const CHEAPEST = 2_000n;

/** What is for sale. */
export const OBJECTS = Object.entries(OFFERS).flatMap(([folder, accept], way) =>
  FILES.map((file, at) => ({
    ...file,
    key: `${folder}/${file.name}`,
    accept,
    price: CHEAPEST + 1_000n * BigInt(at + way * FILES.length),
    // What a catalogue shows as an example: of a text file that is given, the text without its end.
    example: file.sample ?? file.sampleFile?.trimEnd(),
  })),
);

/** An object of the shop by its key. */
export const object = (key) => OBJECTS.find((one) => one.key === key);

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A value in TOML. */
const value = (given) => {
  if (Array.isArray(given)) return `[${given.map(value).join(", ")}]`;
  if (given !== null && typeof given === "object") return `{ ${Object.entries(given).map(([key, one]) => `${key} = ${value(one)}`).join(", ")} }`;
  return JSON.stringify(given);
};

/** A table of TOML with the keys that are given; those that are `undefined` are left out. */
const table = (name, keys) => {
  const lines = Object.entries(keys).filter(([, given]) => given !== undefined).map(([key, given]) => `${key} = ${value(given)}`);
  return [name, ...lines, ""].join("\n");
};

/**
 * A content.toml of rules as `{ path, price, ... }` and of what `site` says besides. The URL is as long as the
 * one that `edge-local` will have.
 */
export const toml = (site, rules) => [
  table("[site]", { id: "listed", urls: ["http://127.0.0.1:65535"], content: "content", discovery: true, contact: "https://example.com/contact", ...site }),
  table("[payment]", {
    pay_to: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    accept: OFFERS.one,
    facilitators: ["https://www.x402.org/facilitator"],
    max_timeout_seconds: 60,
  }),
  ...rules.map((rule) => table("[[rule]]", rule)),
].join("\n");

const RULES = OBJECTS.map(({ key, accept, price, title, description, sample, sampleFile, name }) => ({
  path: key, price: dollars(price), accept, title, description, sample, sample_file: sampleFile && `${name}-sample`,
}));

/** Atomic units in dollars, as text. */
export function dollars(units) {
  return (Number(units) / 1_000_000).toFixed(6).replace(/0+$/, "");
}

/** The tables of the shop: by what differs in `[site]`. */
const TABLES = {
  listed: { ...SHOP },
  "listed, v2 in the body": { ...SHOP, body: "v2" },
  unlisted: { ...SHOP, discovery: false },
};

/**
 * Compiles a table of `text` into a folder `name` of `out`, with the function beside it. Gives the folder, and
 * what the compiler said if there is none.
 */
export async function compile(out, name, text, { compiler, bootstrap }) {
  const [config, folder] = [join(out, `${name}.toml`), join(out, name)];
  writeFileSync(config, text);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  symlinkSync(bootstrap, join(folder, "bootstrap"));
  const { code, err } = await run(compiler, ["--config", config, "compile", "--output", join(folder, "table.bin")], { env: { NO_COLOR: "1" } });
  return code === 0 ? { folder } : { refused: err };
}

/** Makes the shop in `out`. Gives the content's folder, and the function's with each table. */
export async function makeShop(out, tools) {
  rmSync(out, { recursive: true, force: true });
  const content = join(out, "content");
  for (const { key, file } of OBJECTS) {
    mkdirSync(join(content, key, ".."), { recursive: true });
    copyFileSync(join(SAMPLE, file), join(content, key));
  }
  for (const { name, sampleFile } of FILES) if (sampleFile) writeFileSync(join(out, `${name}-sample`), sampleFile);
  const functions = {};
  for (const [name, site] of Object.entries(TABLES)) {
    const { folder, refused } = await compile(out, name, toml(site, RULES), tools);
    if (refused) throw new Error(`the table "${name}" cannot be compiled:\n${refused}`);
    functions[name] = folder;
  }
  return { content, functions };
}
