// A person before the page: sees what state it is in, presses what it offers, and ends up with bytes. What must hold
// of every visit is judged at its end: nothing ran that should not, nobody else was asked, no focus was lost.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { sleep } from "../process.mjs";
import { must } from "../purchase.mjs";

const source = (name) => readFileSync(new URL(name, import.meta.url), "utf8").replace(/^\/\/.*\n/gm, "").trim();
const [INJECTED, CLOCK] = ["injected.js", "clock.js"].map(source);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** How long a state may be waited for. */
const PATIENCE = 15_000;
/** The narrowest window that WCAG asks for: https://www.w3.org/WAI/WCAG22/Understanding/reflow */
const NARROW = 320;

/** Keeps the blobs that the page shows, and what its policy stopped. */
export const WITNESS = `
  globalThis.blobs = {};
  globalThis.violations = [];
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => { const url = make(blob); blobs[url] = blob; return url; };
  addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective + " " + event.blockedURI + " " + event.sourceFile));
`;

const escape = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
/** What a text of the page's matches, whatever it is filled in with. */
export const pattern = (text) => new RegExp(`^${text.split(/\{\w+\}/).map(escape).join("[^]*?")}$`);

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Lets the wallets of a page's providers answer. */
async function meet(page, wallets) {
  const named = new Map(wallets.map((wallet) => [wallet.announced.id, wallet]));
  await page.exposeFunction("walletAsks", async (line) => {
    const { id, ...asked } = JSON.parse(line);
    const told = await named.get(id).answer(asked);
    return JSON.stringify(told, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  });
}

/** The script that makes wallets appear in a page. */
export const injection = (wallets) => `(${INJECTED})(${JSON.stringify(wallets.map(({ announced }) => announced))});`;

/** All that a scenario asks of one tab. */
export class Person {
  /**
   * Opens `url` in a window of `engine`, or as one more tab of `beside`. `clock`: the page's clock can be set on.
   * `before`: scripts that run before the page's. `coarse`: a phone. `injects: false`: the wallets come otherwise.
   * `answers`: as `intercepts`.
   */
  static async visit(engine, url, { words, pictures, wallets = [], clock = false, before = [], coarse = false, width = 900, beside, context, injects = true, script = true, answers }) {
    const [window, page] = await engine.inTurn(async () => {
      const window = beside?.window ?? (context ? { context, downloads: null } : await engine.open());
      return [window, await window.context.newPage()];
    });
    const self = new Person({ engine, url, words, pictures, window, page, wallets, beside });
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => self.problems.push(`the page threw: ${error.stack ?? error}`));
    page.on("request", (request) => {
      const asked = new URL(request.url());
      if (/^https?:|^wss?:/.test(asked.protocol) && asked.origin !== new URL(url).origin) {
        self.problems.push(`the page asked ${asked.href}`);
      }
    });
    if (!script) await page.setJavaScriptEnabled(false);
    if (answers) await self.intercepts(answers);
    if (engine.name === "Chromium") {
      await page.setViewport({ width, height: 800, hasTouch: coarse, isMobile: coarse });
      self.session = await page.createCDPSession();
      await self.session.send("Emulation.setFocusEmulationEnabled", { enabled: true });
    }
    await meet(page, wallets);
    await page.evaluateOnNewDocument(WITNESS);
    if (clock) await page.evaluateOnNewDocument(`(${CLOCK})();`);
    for (const one of before) await page.evaluateOnNewDocument(one);
    if (injects) await page.evaluateOnNewDocument(injection(wallets));
    await page.goto(url, { waitUntil: "domcontentloaded" });
    return self;
  }

  constructor(parts) {
    Object.assign(this, parts, { problems: [], inside: false });
  }

  /** The state that the page is in, and what it says. */
  async state() {
    return this.page.evaluate(() => {
      const pay = document.getElementById("pay");
      const { activeElement: active } = document;
      return { id: pay?.dataset.state ?? "none", says: (pay ?? document.body)?.innerText ?? "", lost: !active || active === document.body };
    });
  }

  /** Waits for a state, or for any of several. Gives what it says. */
  async sees(...ids) {
    for (const id of ids) must(id in this.words.states, `the page has no state ${id}`);
    const found = await this.page
      .waitForFunction((ids) => ids.includes(document.getElementById("pay")?.dataset.state), { polling: 50 }, ids)
      .catch(() => null);
    const { id, says, lost } = await this.state();
    must(found, `waited for the state ${ids.join(" or ")}, not ${id}:\n${says}\n${this.problems.join("\n")}`);
    must(!/\{[a-z]+\}/i.test(says) || says.includes("{{"), `a text is not filled in, in the state ${id}:\n${says}`);
    must(!/(\([a-z ]+\)) \1/.test(says), `something is said twice, in the state ${id}:\n${says}`);
    must(!this.inside || !lost, `the focus is lost in the state ${id}`);
    return says;
  }

  /** What the state says matches the text `key`. */
  async reads(key) {
    const { says } = await this.state();
    const text = says.replace(/\s+/g, " ");
    const wanted = this.words.words[key] ?? this.words.states[key][1];
    const inner = pattern(wanted).source.slice(1, -1);
    must(new RegExp(inner).test(text), `"${wanted}" is not said, but:\n${says}`);
    return says;
  }

  /** Waits until the state says `text`. */
  async says(text) {
    const found = await this.page
      .waitForFunction((text) => document.getElementById("pay").innerText.includes(text), { polling: 50 }, text)
      .catch(() => null);
    must(found, `"${text}" is not said, but:\n${(await this.state()).says}`);
  }

  /** The button or link with the text `key` of `words`, or which `match`es; the `nth` of them. */
  async finds(key, { match, nth = 0 } = {}) {
    const wanted = match ?? pattern(this.words.words[key]).source;
    const handle = await this.page.waitForFunction(
      (wanted, nth) => [...document.querySelectorAll("button, a[href], summary, label, input")]
        .filter((one) => new RegExp(wanted).test(one.textContent.trim()) && one.offsetParent !== null && !one.disabled)[nth],
      { polling: 50 }, wanted, nth,
    ).catch(() => null);
    must(handle, `there is no "${this.words.words[key]}"; the page says:\n${(await this.state()).says}`);
    return handle.asElement();
  }

  /** Presses it by the keyboard. */
  async presses(key, how) {
    // A list of wallets may be shown anew between being found and being pressed.
    let element;
    do element = await this.finds(key, how);
    while (!(await element.evaluate((one) => (one.focus(), document.activeElement === one))));
    if (this.session) await this.page.keyboard.press("Enter");
    else await element.evaluate((one) => one.click());
    this.inside = true;
    await element.dispose();
  }

  /**
   * From now on `work` is asked about each request, with `{ method, url, payment, nth }`, where `nth` counts those with a
   * payment. Its answer comes in place of the shop's, if it gives one; `"none"`: nobody answers.
   */
  async intercepts(work) {
    let nth = 0;
    await this.page.setRequestInterception(true);
    this.page.on("request", async (request) => {
      const payment = request.headers()["payment-signature"];
      const own = await work({ method: request.method(), url: request.url(), payment, nth: payment ? (nth += 1) : nth });
      await (own === "none" ? request.abort() : own ? request.respond(own) : request.continue());
    });
  }

  /** Sets the page's clock on. */
  skip(seconds) {
    return this.page.evaluate((milliseconds) => globalThis.skip(milliseconds), seconds * 1000);
  }

  /** Nothing changes for so long as a page would need to. */
  async rests() {
    const before = (await this.state()).id;
    await sleep(700);
    const after = (await this.state()).id;
    must(after === before, `the state went from ${before} to ${after}`);
  }

  /** The state is `key`, and stays. */
  async stays(key) {
    await this.sees(key);
    await this.rests();
  }

  /** Comes to the page anew in the same tab. */
  async goes() {
    this.inside = false;
    await this.page.goto(this.url, { waitUntil: "domcontentloaded" });
  }

  async reload() {
    this.inside = false;
    await this.page.reload({ waitUntil: "domcontentloaded" });
  }

  offline(gone) {
    return this.page.setOfflineMode(gone);
  }

  /** What is shown: which element, of which type, and the bytes behind it. */
  async shown() {
    const found = await this.page.waitForFunction(() => document.querySelector("#view img, #view pre, #view iframe, #view video, #view audio"), { polling: 50 }).catch(() => null);
    must(found, `nothing is shown:\n${(await this.state()).says}`);
    return found.evaluate(async (element) => {
      const tag = element.localName;
      if (tag === "img") await element.decode();
      const bytes = tag === "pre" ? new TextEncoder().encode(element.textContent) : new Uint8Array(await globalThis.blobs[element.src].arrayBuffer());
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return {
        tag, type: globalThis.blobs[element.src]?.type, width: element.naturalWidth,
        sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      };
    });
  }

  /** The bytes of the download of this name, once it is whole. */
  async downloaded(name) {
    const path = join(this.window.downloads, name);
    for (let waited = 0; waited < PATIENCE; waited += 100) {
      const partial = existsSync(this.window.downloads) && readdirSync(this.window.downloads).some((one) => /\.(crdownload|part)$/.test(one));
      if (existsSync(path) && !partial) return sha256(readFileSync(path));
      await sleep(100);
    }
    must(false, `no download ${name}, but ${readdirSync(this.window.downloads).join(", ") || "none"}; the page says:\n${(await this.state()).says}`);
  }

  /**
   * A picture of the state in light, dark and narrow. `inspect` looks at each of them. Where the browser cannot play
   * these (all but Chromium), nothing is done.
   */
  async pictured(name, inspect = async () => {}) {
    if (!this.session) return;
    const usual = this.page.viewport();
    for (const [variant, scheme, width] of [["light", "light", 900], ["dark", "dark", 900], ["narrow", "light", NARROW]]) {
      await this.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
      await this.page.setViewport({ ...usual, width });
      if (this.pictures) await this.page.screenshot({ path: join(this.pictures, `${name}-${variant}.png`), fullPage: true });
      await inspect(variant, width);
    }
    await this.page.emulateMediaFeatures([]);
    await this.page.setViewport(usual);
  }

  /** The same; and axe must find nothing, and nothing may stick out of the window. */
  async looks(name) {
    if (!this.session) return;
    const { id } = await this.state();
    await this.page.evaluate(`globalThis.axe || (() => {${AXE}})()`);
    await this.pictured(name, async (variant, width) => {
      // What is light is looked at when it is narrow.
      if (variant === "light") return;
      const { faults, wide } = await this.page.evaluate(async (values) => ({
        faults: (await globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] })).violations
          .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`),
        wide: [innerWidth, document.scrollingElement.scrollWidth],
      }), RULES);
      must(faults.length === 0, `axe, ${variant}, in the state ${id}: ${faults.join("; ")}`);
      must(wide.every((one) => one === width), `at ${width} px the window and the page are ${wide.join(" and ")} px wide in the state ${id}`);
    });
    const after = (await this.state()).id;
    must(after === id, `the state went from ${id} to ${after} while it was looked at`);
  }

  /** Judges the visit, and closes the tab. */
  async leaves() {
    if (this.page.isClosed()) return this.close();
    const { ran, violations } = await this.page.evaluate(() => ({ ran: globalThis.ran, violations: globalThis.violations ?? [] }));
    must(ran === undefined, `something ran: ${ran}`);
    must(violations.length === 0, `the policy stopped: ${violations.join("; ")}`);
    must(this.problems.length === 0, this.problems.join("\n"));
    await this.close();
  }

  async close() {
    await this.engine.inTurn(async () => {
      if (!this.page.isClosed()) await this.page.close();
      if (!this.beside && this.window.downloads) await this.window.context.close();
    });
  }
}
