// What must not run does not, and what must be let in is: hostile texts, no script at all, wallets that inject.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { must } from "../../purchase.mjs";
import { injection } from "../person.mjs";
import { HOSTILE, HOSTILE_KEY } from "../shop.mjs";

/** An extension that brings the wallets: into the page's own world, or by an inline script where that is not there. */
function extension(engine, wallets) {
  const folder = mkdtempSync(join(tmpdir(), "bench-extension-"));
  const script = { matches: ["http://127.0.0.1/extension/*"], js: ["wallet.js"], run_at: "document_start" };
  const [manifest, source] = engine.name === "Firefox"
    ? [
      { manifest_version: 2, content_scripts: [script], browser_specific_settings: { gecko: { id: "bench@wallet.example" } } },
      `const script = document.createElement("script"); script.textContent = ${JSON.stringify(injection(wallets))};
      document.documentElement.append(script); script.remove();`,
    ]
    : [{ manifest_version: 3, content_scripts: [{ ...script, world: "MAIN" }] }, injection(wallets)];
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ name: "A wallet", version: "1", ...manifest }));
  writeFileSync(join(folder, "wallet.js"), source);
  return folder;
}

export const hostile = {
  inBoth: {
    "a wallet that an extension injects": async (at) => {
      const wallet = at.wallet();
      const folder = extension(at.engine, [wallet]);
      const id = await at.engine.browser.installExtension(folder);
      try {
        const person = await at.visits("extension/rates.png", {
          wallets: [wallet], injects: false, context: at.engine.browser.defaultBrowserContext(),
        });
        await at.pays(person);
        await person.sees("done");
        must((await person.shown()).sha256 === at.shop.sha256("extension/rates.png"), "other bytes than the object's");
        await at.paidOnce(wallet, 50_000n);
      } finally {
        await at.engine.browser.uninstallExtension(id);
        rmSync(folder, { recursive: true, force: true });
      }
      return `${at.engine.name === "Firefox" ? "inline, under the page's policy" : "in the page's world"}, and paid`;
    },
    "the page's policy": async (at) => {
      const person = await at.visits("reports/2026/market.json");
      await person.sees("nowallet");
      const { header, first } = await person.page.evaluate(async () => ({
        header: (await fetch(location.href, { method: "HEAD" })).status,
        first: document.head.children[1].outerHTML,
      }));
      must(header === 402 && first.startsWith('<meta http-equiv="Content-Security-Policy"'), `after the charset comes ${first}`);
      await person.page.evaluate(async () => {
        const add = (tag, props) => document.body.append(Object.assign(document.createElement(tag), props));
        add("script", { textContent: "window.ran = 12" });
        add("script", { src: "data:text/javascript,window.ran=13" });
        add("img", { src: "http://127.0.0.1:9/x.png" });
        add("iframe", { src: "http://127.0.0.1:9/" });
        add("style", { textContent: "body{display:none}" });
        document.body.setAttribute("onclick", "window.ran = 14");
        document.body.click();
        await fetch("http://127.0.0.1:9/").catch(() => {});
      });
      const kinds = ["script-src-elem", "script-src-attr", "img-src", "style-src-elem", "connect-src"];
      // Firefox does not tell of frames.
      if (at.engine.name === "Chromium") kinds.push("frame-src");
      const stopped = await person.page
        .waitForFunction((kinds) => kinds.every((kind) => globalThis.violations.some((one) => one.startsWith(kind))), { polling: 50, timeout: 3_000 }, kinds)
        .catch(() => null);
      const all = await person.page.evaluate(() => globalThis.violations.splice(0));
      must(stopped, `of ${kinds.join(", ")} only these are stopped: ${all.join("; ")}`);
      // Of them a browser tells as of requests, though it sends none.
      person.problems.length = 0;
      return `stops ${kinds.join(", ")}`;
    },
    "hostile title, description and key": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(HOSTILE_KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("done");
      must((await person.shown()).sha256 === at.shop.sha256(HOSTILE_KEY), "other bytes than the object's");
      const seen = await person.page.evaluate(() => ({
        title: document.querySelector("h1").textContent, text: document.body.textContent,
        foreign: document.querySelectorAll("img[src=x], script:not([src]):not([type='application/json'])").length,
        scripts: document.scripts.length,
      }));
      // The page shows as much of it.
      must(seen.title === HOSTILE.slice(0, 100), `the title became ${seen.title}`);
      must(seen.text.includes(HOSTILE_KEY.slice(HOSTILE_KEY.indexOf("/") + 1)) || seen.text.includes("onerror=window.ran=4"), "the name is not shown");
      must(seen.foreign === 0, `${seen.foreign} elements were made of texts`);
      await person.looks("hostile");
      return "shown as text, and bought";
    },
  },
  inChromium: {
    "without JavaScript": async (at) => {
      const person = await at.visits("reports/2026/market.json", { script: false });
      const text = await person.page.evaluate(() => document.body.innerText);
      for (const word of ["$0.01", "Base Sepolia", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "market.json", "curl", "PAYMENT-REQUIRED", "JavaScript"]) {
        must(text.includes(word), `no ${word} in\n${text}`);
      }
      await person.pictured("no-script");
      const other = await at.visits("reports/2026/market.json", { answers: ({ url }) => (url.endsWith(".js") ? "none" : undefined) });
      await other.looks("script-not-there");
      return "price, network, payee, and how to pay; so too if the script does not come";
    },
  },
};
