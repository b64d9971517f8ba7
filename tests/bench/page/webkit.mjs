// WebKitGTK, the nearest thing to Safari here, by plain WebDriver: https://www.w3.org/TR/webdriver2/. Its wallet comes
// when the page is there already, as late ones do, since nothing can be laid into a page before its scripts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve, sleep } from "../process.mjs";
import { must } from "../purchase.mjs";
import { WITNESS, injection, pattern } from "./person.mjs";
import { freePort } from "./shop.mjs";

const PATIENCE = 30_000;

/** Starts the driver on a screen of its own. `driver` and `browser` are the programs. */
export async function startWebkit({ driver, browser }) {
  const home = mkdtempSync(join(tmpdir(), "bench-webkit-"));
  const screen = await serve("Xvfb", ["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1000x900x24"], /^(\d+)$/m);
  const port = await freePort();
  // The driver says nothing when it is ready. As root its sandbox cannot be made.
  const env = { DISPLAY: `:${screen.ready}`, HOME: home, XDG_RUNTIME_DIR: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", NO_AT_BRIDGE: "1" };
  const server = await serve("sh", ["-c", 'echo "starts"; exec "$0" "$@"', driver, `--port=${port}`], /^(starts)$/m, { env });
  const call = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE) });
    const { value } = await answer.json();
    must(answer.ok, `WebDriver ${path}: ${value?.error} ${value?.message}`);
    return value;
  };
  for (let waited = 0; ; waited += 1) {
    try {
      await call("GET", "/status");
      break;
    } catch (error) {
      must(waited < 50, `the driver does not answer: ${error.message}`);
      await sleep(100);
    }
  }
  const options = { binary: browser, args: ["--automation"] };
  const session = await call("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } });
  const at = `/session/${session.sessionId}`;
  return {
    version: `${session.capabilities.browserName} ${session.capabilities.browserVersion}`,
    goes: (url) => call("POST", `${at}/url`, { url }),
    reload: () => call("POST", `${at}/refresh`, {}),
    does: (script, ...args) => call("POST", `${at}/execute/sync`, { script, args }),
    doesAsync: (script, ...args) => call("POST", `${at}/execute/async`, { script, args }),
    async stop() {
      await call("DELETE", at).catch(() => {});
      await server.stop();
      await screen.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Takes what the page asks its wallet, and puts in what the wallet answers. */
const TAKE = `globalThis.waiting ??= []; const taken = (globalThis.walletQueue ?? []).splice(0); waiting.push(...taken);
  return taken.map(({ line }, at) => [waiting.length - taken.length + at, line]);`;

/** Waits for a state, while the wallet answers. */
async function sees({ webkit, words, wallet }, id) {
  must(id in words.states, `the page has no state ${id}`);
  for (const end = Date.now() + PATIENCE; ;) {
    for (const [at, line] of await webkit.does(TAKE)) {
      const told = JSON.stringify(await wallet.answer(JSON.parse(line)));
      await webkit.does("waiting[arguments[0]].resolve(arguments[1]);", at, told);
    }
    const [state, says] = await webkit.does('const pay = document.getElementById("pay"); return [pay.dataset.state ?? "none", pay.innerText];');
    if (state === id) return;
    must(Date.now() < end, `waited for the state ${id}, not ${state}:\n${says}`);
    await sleep(50);
  }
}

async function presses({ webkit, words }, key) {
  const pressed = await webkit.does(
    'const found = [...document.querySelectorAll("#act button, #act a")].find((one) => new RegExp(arguments[0]).test(one.textContent)); found?.click(); return Boolean(found);',
    pattern(words.words[key]).source,
  );
  must(pressed, `there is no "${words.words[key]}"`);
}

/** The SHA-256 of what is shown. */
const SHOWN = `const [done] = arguments; (async () => {
  const element = document.querySelector("#view img, #view pre");
  if (element.localName === "img") await element.decode();
  const bytes = element.localName === "pre" ? new TextEncoder().encode(element.textContent) : await blobs[element.src].arrayBuffer();
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
})().then(done, (error) => done(String(error)));`;

/** A purchase of `key`, and a reload after it. */
export async function buys(webkit, at, words, { key, price }) {
  const wallet = at.wallet();
  const place = { webkit, words, wallet };
  const arrive = () => webkit.does(`${WITNESS}; ${injection([wallet])}`);
  await webkit.goes(at.shop.at(key));
  await arrive();
  await sees(place, "ready");
  await presses(place, "use");
  await sees(place, "confirm");
  await presses(place, "sign");
  await sees(place, "done");
  must((await webkit.doesAsync(SHOWN)) === at.shop.sha256(key), "other bytes than the object's");
  await webkit.reload();
  await sees(place, "done");
  await at.paidOnce(wallet, price);
  return "the object's bytes, one transfer; a reload fetches it again with the same payment";
}
