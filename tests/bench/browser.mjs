// Headless Chromium with a page from another origin than the seller's.

import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

import { decode, must, Wrong } from "./purchase.mjs";

const PAGE = new URL("buyers/browser/page.mjs", import.meta.url).pathname;
// Nothing that talks to the network by itself.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Starts the browser. `buy` gives what every buyer tells. */
export async function startBrowser(executablePath) {
  const script = await bundle();
  const server = createServer((request, response) => {
    const [type, body] = request.url === "/page.js"
      ? ["text/javascript", script]
      : ["text/html", '<!doctype html><meta charset="utf-8"><title>A shop</title><script src="/page.js"></script>'];
    response.writeHead(200, { "content-type": type }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const profile = await mkdtemp(join(tmpdir(), "bench-chromium-"));
  // Signals are the conductor's business.
  const unhandled = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath, args: FLAGS, timeout: 60_000, ...unhandled,
  });
  return {
    async buy(url, key) {
      const page = await browser.newPage();
      const said = [];
      page.on("console", (message) => said.push(message.text()));
      page.setDefaultTimeout(60_000);
      try {
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        must(new URL(page.url()).origin !== new URL(url).origin, "the page has the seller's origin");
        const told = await page.evaluate(([url, key]) => globalThis.buy(url, key), [url, key]);
        must(told.challenge.status === 402, `the page saw ${told.challenge.status}, not 402`);
        must(told.challenge.header, "the page cannot read PAYMENT-REQUIRED");
        must(decode(told.challenge.header).x402Version === 2, `the page read ${told.challenge.header}`);
        must(JSON.parse(told.challenge.body).x402Version === 1, `the page read ${told.challenge.body}`);
        return told;
      } catch (error) {
        if (error instanceof Wrong) throw error;
        throw new Wrong([error.message, ...said].join("\n"));
      } finally {
        await page.close();
      }
    },
    async stop() {
      await browser.close();
      server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** The page's script with its libraries, as one file. */
async function bundle() {
  const esbuild = createRequire(PAGE)("esbuild");
  const { outputFiles } = await esbuild.build({
    entryPoints: [PAGE], bundle: true, write: false, format: "iife", platform: "browser", logLevel: "error",
  });
  await esbuild.stop();
  return outputFiles[0].text;
}
