// Who comes back, by a reload, after a closed lid or in another tab: never signs twice, is never charged twice, and gets
// the file.

import { sleep } from "../../process.mjs";
import { must } from "../../purchase.mjs";
import { gate } from "../town.mjs";

const KEY = "reports/2026/market.json";
const PRICE = 10_000n;

/** The file is shown. */
async function served(at, person, key = KEY) {
  await person.sees("done");
  must((await person.shown()).sha256 === at.shop.sha256(key), "other bytes than the object's");
}

/** A payment that the facilitator settles, and of which it says nothing until the gate is opened. */
async function held(at) {
  const wallet = at.wallet();
  const { open, opened } = gate();
  const settled = gate();
  at.settles(wallet, async ({ good, answer }) => {
    const { status, json } = await good();
    settled.open();
    await opened;
    answer(status, json);
  });
  const wire = await at.wire();
  const person = await at.visits(KEY, { wallets: [wallet], wire });
  await at.pays(person);
  await person.sees("settling");
  await settled.opened;
  return { wallet, wire, person, open };
}

export const returns = {
  inBoth: {
    "a reload between signature and answer": async (at) => {
      const { wallet, person, open } = await held(at);
      await person.looks("settling");
      await person.reload();
      await person.sees("settling", "unknown");
      open();
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "one signature, one transfer, the object's bytes";
    },
    "a connection that breaks between signature and answer": async (at) => {
      const { wallet, wire, person, open } = await held(at);
      wire.cut();
      await person.sees("offline");
      open();
      wire.mend();
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "the same payment: one signature, one transfer, the object's bytes";
    },
    "a lid that is closed between signature and answer, and a tab that is thrown away": async (at) => {
      const { wallet, wire, person, open } = await held(at);
      wire.cut();
      await person.reload().catch(() => {});
      open();
      wire.mend();
      await person.goes();
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "gone, come back: one signature, one transfer, the object's bytes";
    },
    "a reload when it is paid": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await served(at, person);
      await person.reload();
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "fetched again with the same payment";
    },
    "two tabs": async (at) => {
      const wallet = at.wallet();
      const { open, opened } = gate();
      wallet.on.eth_signTypedData_v4 = async ({ usual }) => { await opened; return usual(); };
      const first = await at.visits(KEY, { wallets: [wallet] });
      const second = await at.visits(KEY, { wallets: [wallet], beside: first });
      await at.pays(first);
      await first.sees("signing");
      await at.pays(second);
      await second.sees("elsewhere");
      await second.looks("elsewhere");
      open();
      await served(at, first);
      await at.pays(second);
      await second.sees("twice");
      await second.looks("twice");
      await at.paidOnce(wallet, PRICE);
      return "the second waits, and says before it signs that it is paid";
    },
  },
  inChromium: {
    "offline after signing": async (at) => {
      const wallet = at.wallet();
      const { open, opened } = gate();
      wallet.on.eth_signTypedData_v4 = async ({ usual }) => { await opened; return usual(); };
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("signing");
      await person.offline(true);
      open();
      await person.sees("offline");
      await person.looks("offline");
      await at.paidNothing(wallet);
      await person.offline(false);
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "sent when the connection is there again";
    },
    "the same file under a query": async (at) => {
      const { wallet, wire, person, open } = await held(at);
      const second = await at.visits(KEY, { wallets: [wallet], wire, beside: person });
      await second.page.goto(`${second.page.url()}?from=a-newsletter`, { waitUntil: "domcontentloaded" });
      await at.pays(second);
      await second.sees("elsewhere", "open");
      open();
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "is the same page: no second signature";
    },
    "back and forth": async (at) => {
      const wallet = at.wallet();
      let broken = true;
      at.settles(wallet, (call) => (broken ? call.reset() : at.town.honest(call)));
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("unknown");
      person.inside = false;
      await person.page.goto(at.shop.at("papers/report.pdf"), { waitUntil: "domcontentloaded" });
      await person.sees("ready");
      await person.page.goBack({ waitUntil: "domcontentloaded" });
      await person.sees("unknown");
      broken = false;
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "another file in between; the same payment went on";
    },
    "a copy of the tab while the outcome is unknown": async (at) => {
      const wallet = at.wallet();
      let broken = true;
      at.settles(wallet, (call) => (broken ? call.reset() : at.town.honest(call)));
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("unknown");
      // What a browser does to copy a tab: its session storage goes with it.
      const popup = new Promise((resolve) => person.page.once("popup", resolve));
      await person.page.evaluate(() => void globalThis.open(location.href));
      const copy = await popup;
      const state = () => copy.evaluate(() => document.getElementById("pay")?.dataset.state);
      const until = async (wanted) => {
        for (let waited = 0; waited < 200 && (await state().catch(() => "")) !== wanted; waited += 1) await sleep(100);
        must((await state()) === wanted, `the copy is in the state ${await state()}, not ${wanted}`);
      };
      await until("unknown");
      broken = false;
      await served(at, person);
      await until("done");
      await copy.close();
      await at.paidOnce(wallet, PRICE);
      return "both get the file by the one payment";
    },
    "a new tab after one was closed with a payment under way": async (at) => {
      const wallet = at.wallet();
      at.settles(wallet, ({ reset }) => reset());
      const first = await at.visits(KEY, { wallets: [wallet] });
      const second = await at.visits(KEY, { wallets: [wallet], beside: first });
      await at.pays(first);
      await first.sees("unknown");
      await second.sees("ready");
      await first.page.close();
      await at.pays(second);
      await second.sees("open");
      must(wallet.signatures === 1, "it asked for a second signature without a word");
      return "warned that one may be under way, before the wallet is asked";
    },
    "a signature that comes after a reload is not sent": async (at) => {
      const wallet = at.wallet();
      const { open, opened } = gate();
      wallet.on.eth_signTypedData_v4 = async ({ usual }) => { await opened; return usual(); };
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("signing");
      await person.reload();
      await person.sees("ready");
      open();
      await person.stays("ready");
      await at.paidNothing(wallet);
      return "dropped with the page that asked for it";
    },
    "reloaded until the payment has served its time": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await served(at, person);
      let reloads = 0;
      do await person.reload();
      while ((await person.sees("done", "used"), (await person.state()).id === "done") && (reloads += 1) < 6);
      await person.sees("used");
      await person.looks("used");
      await at.paidOnce(wallet, PRICE);
      return `fetched ${reloads} times more, then told so; no second signature`;
    },
    "a page that is made ready in advance asks nobody": async (at) => {
      const wallet = at.wallet();
      const advance = 'globalThis.advance = true; Object.defineProperty(document, "prerendering", { get: () => globalThis.advance });';
      const person = await at.visits(KEY, { wallets: [wallet], before: [advance] });
      await sleep(500);
      must(wallet.asked.length === 0 && (await person.state()).id === "none", "it began");
      await person.page.evaluate(() => { globalThis.advance = false; document.dispatchEvent(new Event("prerenderingchange")); });
      await person.sees("ready");
      return "it begins when it is looked at";
    },
    "timed access is open to who comes back": async (at) => {
      const key = "timed/prices.csv";
      const wallet = at.wallet();
      const person = await at.visits(key, { wallets: [wallet] });
      await at.pays(person);
      await served(at, person, key);
      await person.reads("until");
      await person.looks("got-timed");
      await person.page.deleteCookie(...(await person.page.cookies()));
      await person.reload();
      await person.sees("done");
      must((await person.shown()).sha256 === at.shop.sha256(key), "other bytes than the object's");
      await at.paidOnce(wallet, 250_000n);
      return "without a cookie, by the pass that the tab keeps";
    },
    "a browser that keeps nothing": async (at) => {
      const blocked = 'for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });';
      const wallet = at.wallet();
      let broken = true;
      at.settles(wallet, (call) => (broken ? call.reset() : at.town.honest(call)));
      const person = await at.visits(KEY, { wallets: [wallet], before: [blocked] });
      await at.pays(person);
      await person.sees("unknown");
      await person.reads("unkept");
      await person.looks("unkept");
      broken = false;
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "told not to reload, and bought";
    },
  },
};
