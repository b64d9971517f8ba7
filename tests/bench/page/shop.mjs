// The shop that people visit with a browser: something of each kind, of each size, on each terms.

import { createHash, randomBytes } from "node:crypto";
import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

import { CREDENTIALS } from "../one-payment/s3.mjs";
import { run } from "../process.mjs";
import { must } from "../purchase.mjs";
import { startSeller } from "../seller/seller.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const SAMPLE = here("../../../content-config/sample/content");

const MEGABYTE = 1_000_000;
/** More than a page takes over on a phone; a file with a hole, so that it costs no disk. */
export const FILM = 65 * MEGABYTE;

/** Would run, if it became markup or left an attribute or a script. */
export const HOSTILE = `</script><script>window.ran=1</script><img src=x onerror=window.ran=2>"'\`onload=window.ran=3 {{price}}`;
/** The same of what a key may hold. */
export const HOSTILE_KEY = `hostile/a"'><img src=x onerror=window.ran=4>{{url}}.txt`;

/** Whose name, title, description and offers are as long as a page may have them. */
export const LONGEST = `longest/${"quay & ".repeat(28)}.json`;
const [TITLE, DESCRIPTION] = ["Rates & tides ".repeat(14), "Freight rates of the year & all tides. ".repeat(12)].map((text) => JSON.stringify(text.trim()));

const CHART = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="120" viewBox="0 0 320 120"><script>parent.ran=5;top.ran=5</script>
<rect width="320" height="120" fill="#eef"/><path d="M10 110 80 60 150 80 220 30 310 15" fill="none" stroke="#05a" stroke-width="4"/></svg>\n`;
const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><circle cx="16" cy="16" r="15" fill="#06a"/></svg>\n';
const WEB_PAGE = "<!doctype html><title>A page</title><script>window.ran=6</script><h1>Sold as a file</h1>\n";

/** A PDF of one page with a word on it, whose table of places is right. */
function pdf() {
  const drawn = "BT /F1 24 Tf 40 90 Td (Harbour report) Tj ET";
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    `<</Length ${drawn.length}>>\nstream\n${drawn}\nendstream`, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${`${place}`.padStart(10, "0")} 00000 n \n`;
  });
  const end = `trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`;
  return `${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join("")}${end}`;
}

/** What is sold besides the sample's files, by key. */
const FILES = {
  "logo.svg": () => LOGO,
  "terms.html": () => "<!doctype html><title>Terms</title><p>What is sold here.\n",
  "pictures/chart.svg": () => CHART,
  "papers/report.pdf": pdf,
  "data/archive.zip": () => randomBytes(20 * MEGABYTE),
  "data/page.html": () => WEB_PAGE,
  "timed/prices.csv": () => readFileSync(join(SAMPLE, "datasets/prices.csv")),
  "several/rates.json": () => readFileSync(join(SAMPLE, "reports/2026/market.json")),
  "solana/rates.json": () => readFileSync(join(SAMPLE, "reports/2026/market.json")),
  "dear/rates.json": () => readFileSync(join(SAMPLE, "reports/2026/market.json")),
  "extension/rates.png": () => readFileSync(join(SAMPLE, "pictures/rates.png")),
  [LONGEST]: () => "{}\n",
  [HOSTILE_KEY]: () => "Nothing ran.\n",
};
const SPARSE = ["film/rates.mp4", "timed-film/rates.mp4"];

/**
 * Makes the shop in `out` and opens it before a facilitator. Gives its `url`, its `log`, `at`, which is the URL of a
 * key, and `file` and `sha256` of what a key is of.
 */
export async function openShop({ out, bootstrap, compiler, edgeLocal, facilitator, rpc, store }) {
  rmSync(out, { recursive: true, force: true });
  const content = join(out, "content");
  const put = (key, bytes) => {
    mkdirSync(dirname(join(content, key)), { recursive: true });
    writeFileSync(join(content, key), bytes);
  };
  for (const [key, bytes] of Object.entries(FILES)) put(key, bytes());
  for (const key of ["reports/2026/market.json", "reports/2026/summary.txt", "pictures/rates.png"]) {
    mkdirSync(dirname(join(content, key)), { recursive: true });
    copyFileSync(join(SAMPLE, key), join(content, key));
  }
  for (const key of SPARSE) {
    put(key, "");
    const file = openSync(join(content, key), "r+");
    ftruncateSync(file, FILM);
    closeSync(file);
  }

  const listen = `127.0.0.1:${await freePort()}`;
  const config = join(out, "content.toml");
  const texts = { "127.0.0.1:8402": listen, '"HOSTILE"': JSON.stringify(HOSTILE), '"LONGTITLE"': TITLE, '"LONGDESCRIPTION"': DESCRIPTION };
  const toml = Object.entries(texts).reduce((text, [name, value]) => text.replaceAll(name, () => value), readFileSync(here("content.toml"), "utf8"));
  writeFileSync(config, toml);
  const functions = join(out, "function");
  mkdirSync(functions);
  symlinkSync(bootstrap, join(functions, "bootstrap"));
  const done = await run(compiler, ["--config", config, "compile", "--output", join(functions, "table.bin")], { seconds: 60 });
  must(done.code === 0, `the shop cannot be compiled:\n${done.err}`);
  const seller = await startSeller({
    edgeLocal, executable: functions, facilitator, sandboxes: 6, rpc, store, content, listen,
    env: { CONTENT_CONFIG: config, ...CREDENTIALS },
  });
  const file = (key) => readFileSync(join(content, key));
  return {
    ...seller,
    at: (key) => `${seller.url}/${path(key)}`,
    file,
    sha256: (key) => createHash("sha256").update(file(key)).digest("hex"),
  };
}

/** The one spelling that this paywall gives a key: all but letters, digits and `-._~/` is encoded. */
function path(key) {
  const strict = (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return key.split("/").map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, strict)).join("/");
}

/** One that nobody has at the moment. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
