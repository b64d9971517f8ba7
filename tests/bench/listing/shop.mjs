// The shop that wants to be found: its folder, its function, and the port that its documents name.

import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { run } from "../process.mjs";
import { must } from "../purchase.mjs";
import { startSeller } from "../seller/seller.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

/** Files beside those of the sample, so that there are more than a document describes. */
const DAYS = 60;
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>';

/**
 * Makes the shop in `out` and opens it before a facilitator. Gives its `url`, its `log`, what is `priced`, each with
 * its `key` and `url`, and `file`, which reads what a key is of.
 */
export async function openShop({ out, bootstrap, compiler, edgeLocal, facilitator }) {
  rmSync(out, { recursive: true, force: true });
  const content = join(out, "content");
  const functions = join(out, "function");
  cpSync(here("../../../content-config/sample/content"), content, { recursive: true });
  for (let day = 1; day <= DAYS; day += 1) {
    copyFileSync(join(content, "datasets/prices.csv"), join(content, `datasets/prices-${`${day}`.padStart(2, "0")}.csv`));
  }
  writeFileSync(join(content, "notes/Who's (there) [x]{y}*+?|^$.txt"), "Nobody.\n");
  writeFileSync(join(content, "favicon.svg"), PICTURE);

  const listen = `127.0.0.1:${await freePort()}`;
  const config = join(out, "content.toml");
  writeFileSync(config, readFileSync(here("content.toml"), "utf8").replace("127.0.0.1:8402", listen));
  mkdirSync(functions);
  symlinkSync(bootstrap, join(functions, "bootstrap"));
  const compile = async (...words) => {
    const done = await run(compiler, ["--config", config, ...words], { seconds: 60, keep: 1e6 });
    must(done.code === 0, `the shop cannot be compiled:\n${done.err}`);
    return done.out;
  };
  await compile("compile", "--output", join(functions, "table.bin"));
  const rows = JSON.parse(await compile("list", "--json"));
  const seller = await startSeller({
    edgeLocal, executable: functions, facilitator, sandboxes: 2, content, listen, env: { CONTENT_CONFIG: config },
  });
  const priced = rows.filter(({ price }) => price !== "free").map(({ key }) => ({ key, url: `${seller.url}/${path(key)}` }));
  return { ...seller, priced, file: (key) => readFileSync(join(content, key)) };
}

/** The one spelling that this paywall gives a key: all but letters, digits and `-._~/` is encoded. */
function path(key) {
  const strict = (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return key.split("/").map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, strict)).join("/");
}

/** One that nobody has at the moment. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
