// The browsers: Debian's Chromium and Firefox, headless, by puppeteer. They talk to nobody but loopback.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

// Signals are the conductor's business.
const COMMON = { headless: true, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false, protocolTimeout: 60_000 };
const CHROMIUM = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
/** Nothing that talks to the network by itself, and downloads without a question. */
const FIREFOX = {
  "browser.download.folderList": 2, "browser.download.useDownloadDir": true, "browser.download.always_ask_before_handling_new_types": false,
  "browser.helperApps.neverAsk.saveToDisk": "application/zip,application/octet-stream,text/html,text/csv,video/mp4",
  "browser.download.manager.showWhenStarting": false, "browser.download.alwaysOpenPanel": false,
  "network.proxy.type": 0, "app.update.enabled": false, "extensions.update.enabled": false, "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false, "services.settings.server": "", "toolkit.telemetry.enabled": false,
  "xpinstall.signatures.required": false,
};

/** Starts Chromium. */
export async function startChromium(executablePath) {
  const browser = await puppeteer.launch({
    ...COMMON, browser: "chrome", executablePath, args: CHROMIUM, pipe: true, enableExtensions: true,
  });
  return engine("Chromium", browser);
}

/** Starts Firefox, all of whose windows download into one folder. */
export async function startFirefox(executablePath) {
  const downloads = mkdtempSync(join(tmpdir(), "bench-firefox-"));
  const browser = await puppeteer.launch({
    ...COMMON, browser: "firefox", executablePath, extraPrefsFirefox: { ...FIREFOX, "browser.download.dir": downloads },
  });
  return engine("Firefox", browser, downloads);
}

/** `shared` is the folder that all windows download to, where each cannot have its own. */
async function engine(name, browser, shared) {
  const folder = shared ?? mkdtempSync(join(tmpdir(), "bench-downloads-"));
  let contexts = 0;
  let last = Promise.resolve();
  return {
    name,
    version: await browser.version(),
    browser,
    /** Does what opens or closes windows, one after the other: Firefox does not always bear both at once. */
    inTurn: (work) => (last = last.then(work, work)),
    /** A window with nothing of others' in it: `context`, and the folder that it downloads to. */
    async open() {
      if (shared) return { context: await browser.createBrowserContext(), downloads: shared };
      const downloads = join(folder, `${(contexts += 1)}`);
      mkdirSync(downloads);
      return { context: await browser.createBrowserContext({ downloadBehavior: { policy: "allow", downloadPath: downloads } }), downloads };
    },
    async stop() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
