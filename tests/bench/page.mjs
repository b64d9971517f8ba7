// People at a browser: what the payment page does with their wallets, their money and their files. One line for each
// check; `scripts/bench.sh` names the parts. Pictures of the states go to `target/bench/page`.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startChromium, startFirefox } from "./page/engines.mjs";
import { logic } from "./page/logic.mjs";
import { scenarios } from "./page/scenarios.mjs";
import { sizes } from "./page/sizes.mjs";
import { LONGEST } from "./page/shop.mjs";
import { types } from "./page/source.mjs";
import { openTown, Place } from "./page/town.mjs";
import { buys, startWebkit } from "./page/webkit.mjs";
import { when } from "./page/when.mjs";
import { conduct, LATE, within } from "./process.mjs";
import { Wrong } from "./purchase.mjs";

/** How many scenarios run side by side in a browser, and how long each may take. */
const AT_ONCE = { Chromium: 4, Firefox: 2 };
const SECONDS = 90;
/** With words on the command line, only those scenarios whose names hold one. */
const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const wanted = (name) => only.length === 0 || only.some((word) => name.includes(word));

const WEB = new URL("../../payment-page/web", import.meta.url).pathname;
const out = join(process.env.BENCH_OUT, "page");
let fine = true;

/** Does one check and says how it went. */
async function line(what, check) {
  const started = performance.now();
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const told = await within(SECONDS, check());
    if (told === LATE) throw new Wrong(`no end after ${SECONDS} s`);
    console.log(`right  ${what}: ${told} (${took()})`);
  } catch (error) {
    fine = false;
    console.log(`WRONG  ${what} (${took()}): ${error instanceof Wrong ? error.message : error.stack}`);
  }
}

/** Plays the scenarios of an engine, several at a time. */
async function play(town, engine, words, pictures) {
  const queue = scenarios.filter(({ name, engines }) => engines.includes(engine.name) && wanted(name));
  const worker = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      const place = new Place({ town, engine, words, pictures });
      await line(`${engine.name}: ${one.name}`, async () => {
        const told = await one.play(place);
        await place.leave();
        return told;
      });
      await place.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE[engine.name] }, worker));
}

/** What WebKit can be driven to: purchases. */
async function playWebkit(town, words) {
  const [driver, browser] = [process.env.BENCH_WEBKIT_DRIVER, process.env.BENCH_WEBKIT_BROWSER];
  const webkit = await startWebkit({ driver, browser });
  console.log(`-- WebKit: ${webkit.version}`);
  const place = new Place({ town, engine: { name: "WebKit" }, words });
  for (const thing of [{ key: "pictures/rates.png", price: 50_000n }, { key: "reports/2026/market.json", price: 10_000n }]) {
    if (wanted(`WebKit ${thing.key}`)) await line(`WebKit: buys ${thing.key}`, () => buys(webkit, place, words, thing));
  }
  await webkit.stop();
}

await conduct(async () => {
  rmSync(out, { recursive: true, force: true });
  const pictures = join(out, "pictures");
  mkdirSync(pictures, { recursive: true });
  const words = await import(join(WEB, "words.js"));
  // It takes a core, as does what follows.
  const checked = wanted("types") && line("types", () => types(WEB));
  const town = await openTown({
    out: join(out, "shop"), bootstrap: process.env.BENCH_BOOTSTRAP, compiler: process.env.BENCH_COMPILER, edgeLocal: process.env.BENCH_EDGE_LOCAL,
  });
  await checked;
  if (wanted("logic")) await line("logic", () => logic(WEB));
  if (wanted("sizes")) await line("sizes", () => sizes(town.shop.at("reports/2026/market.json")));
  if (wanted("sizes")) await line("sizes of the longest", () => sizes(town.shop.at(LONGEST)));
  if (wanted("when")) await line("when the page is answered", () => when(town.shop.at("reports/2026/market.json")));
  for (const [start, path] of [[startChromium, process.env.BENCH_CHROMIUM], [startFirefox, process.env.BENCH_FIREFOX]]) {
    if (!path) {
      console.log(`missing  ${start === startChromium ? "Chromium" : "Firefox"}: nobody buys with it`);
      fine &&= process.argv.includes("--allow-missing");
      continue;
    }
    const engine = await start(path);
    console.log(`-- ${engine.name}: ${engine.version}`);
    await play(town, engine, words, pictures);
    await engine.stop();
  }
  if (process.env.BENCH_WEBKIT_DRIVER) await playWebkit(town, words);
  else console.log("missing  WebKit, which is tried where it can be had");
  writeFileSync(join(out, "seller.log"), town.shop.log());
  await town.stop();
  return fine;
});
