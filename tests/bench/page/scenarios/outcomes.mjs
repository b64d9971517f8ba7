// What becomes of a signed payment, when it is not simply settled: what is said, and that nobody pays twice.

import { sleep } from "../../process.mjs";
import { challenge, must } from "../../purchase.mjs";
import { HOSTILE } from "../shop.mjs";
import { fault } from "../wallet.mjs";

const KEY = "reports/2026/market.json";
const PRICE = 10_000n;
const ARCHIVE = "data/archive.zip";

async function served(at, person) {
  await person.sees("done");
  must((await person.shown()).sha256 === at.shop.sha256(KEY), "other bytes than the object's");
}

/** A gateway's answer that says nothing of the payment. */
const gateway = { status: 502, contentType: "text/html", body: "<h1>502 Bad Gateway</h1><script>window.ran=10</script>" };

/** The function's word that it refuses. */
const refusal = (paywall) => ({ status: 402, contentType: "application/json", body: JSON.stringify({ paywall }) });

/** Sets the clock on until the page does not wait for the outcome any more. */
async function waitsInVain(person) {
  await person.sees("unknown");
  for (let passed = 0; passed < 200 && (await person.state()).id === "unknown"; passed += 20) {
    await person.skip(20);
    await sleep(150);
  }
}

/** A 402 to HEAD with the terms of the file, changed. */
async function changed(at, change) {
  const { v2 } = await challenge(at.shop.at(KEY));
  const terms = { ...v2, accepts: v2.accepts.map(change) };
  return { status: 402, headers: { "PAYMENT-REQUIRED": Buffer.from(JSON.stringify(terms)).toString("base64"), Date: new Date().toUTCString() } };
}

export const outcomes = {
  inBoth: {
    "settled, and the answer lost": async (at) => {
      const wallet = at.wallet();
      let tries = 0;
      at.settles(wallet, async ({ good, answer, reset }) => {
        const { status, json } = await good();
        if ((tries += 1) === 1) return reset();
        answer(status, json);
      });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("unknown", "done");
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "the same payment is sent again by itself: charged once, and served";
    },
  },
  inChromium: {
    "unknown, and a reload": async (at) => {
      const wallet = at.wallet();
      let broken = true;
      at.settles(wallet, (call) => (broken ? call.reset() : at.town.honest(call)));
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("unknown");
      await person.looks("unknown");
      await person.reload();
      await person.sees("unknown");
      must(wallet.signatures === 1, "it asked for a second signature");
      broken = false;
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "one signature, and served in the end";
    },
    "a live region that does not chatter": async (at) => {
      const wallet = at.wallet();
      at.settles(wallet, ({ reset }) => reset());
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("unknown");
      const live = await person.page.evaluate(async () => {
        const regions = [...document.querySelectorAll("[aria-live]:not([aria-live=off]), [role=status], [role=alert]")];
        let changes = 0;
        const observer = new MutationObserver((records) => (changes += records.length));
        for (const region of regions) observer.observe(region, { childList: true, characterData: true, subtree: true });
        const tick = () => document.getElementById("tick").textContent;
        const before = tick();
        await new Promise((done) => setTimeout(done, 2_500));
        return { regions: regions.length, changes, ticks: before !== tick() };
      });
      must(live.regions === 1, `${live.regions} live regions`);
      must(live.ticks, "the countdown stands still");
      must(live.changes === 0, `the live region changed ${live.changes} times in 2.5 s of waiting`);
      return "one region, silent while the countdown runs";
    },
    "refused": async (at) => {
      // Its node says that there is money, and there is none.
      const rich = () => `0x${(100_000_000).toString(16).padStart(64, "0")}`;
      const wallet = at.wallet({ ...at.town.pauper(), on: { eth_call: rich } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("refused");
      const { says } = await person.state();
      must(/\([a-z_]+\)/.test(says), `no code in\n${says}`);
      await person.looks("refused");
      await at.paidNothing(wallet);
      await person.presses("again");
      await person.sees("ready");
      return `says ${/\(([a-z_]+)\)/.exec(says)[1]} and the next step`;
    },
    "refused by hostile words": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      const paywall = { code: HOSTILE, message: HOSTILE, nextStep: HOSTILE, retryable: true, resendSamePayment: false, contact: "https://x.example/\"onclick=window.ran=11" };
      await person.intercepts(({ payment }) => payment && refusal(paywall));
      await at.pays(person);
      await person.sees("refused");
      await person.looks("refused-hostile");
      return "shown as text";
    },
    "refused from elsewhere after it opened the file": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      let elsewhere = false;
      const paywall = { code: "payment_already_used", message: "It opened the file.", nextStep: "Go back to where it did.", retryable: false, resendSamePayment: false };
      await person.intercepts(({ payment }) => payment && elsewhere && refusal(paywall));
      await at.pays(person);
      await served(at, person);
      elsewhere = true;
      await person.reload();
      await person.sees("used");
      elsewhere = false;
      await person.presses("fetch");
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "kept, and fetched again from where it had opened";
    },
    "a gateway's 502 after the payment went in": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.intercepts(async ({ nth, payment, url }) => {
        if (!payment || nth > 1) return undefined;
        await fetch(url, { headers: { "PAYMENT-SIGNATURE": payment } });
        return gateway;
      });
      await at.pays(person);
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "unknown, sent again, served; charged once";
    },
    "charged, and no outcome until its time is over": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      let over = false;
      await person.intercepts(async ({ nth, payment, url }) => {
        if (!payment) return undefined;
        if (nth === 1) await fetch(url, { headers: { "PAYMENT-SIGNATURE": payment } });
        return over ? undefined : gateway;
      });
      await at.pays(person);
      await waitsInVain(person);
      await person.sees("charged");
      await person.looks("charged");
      over = true;
      await person.presses("resend");
      await served(at, person);
      await at.paidOnce(wallet, PRICE);
      return "the wallet's node says that it was used; the same payment opens the file";
    },
    "no outcome until its time is over": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.intercepts(({ payment }) => payment && gateway);
      await at.pays(person);
      await waitsInVain(person);
      await person.sees("ended");
      const said = await person.reads("compare");
      must(/0x[0-9a-f]{64}/.test(said), "the payment's number is not told");
      await person.looks("ended");
      must(wallet.signatures === 1, "it asked for a second signature");
      await person.reload();
      await person.sees("ended", "settling", "unknown");
      must(wallet.signatures === 1, "it asked for a second signature after a reload");
      await at.paidNothing(wallet);
      return "said so, with the payment's number; no second signature, nor after a reload";
    },
    "never settled, by the wallet's node": async (at) => {
      const later = async ({ usual }) => ({ ...(await usual()), timestamp: `0x${(Math.floor(Date.now() / 1000) + 3_600).toString(16)}` });
      const wallet = at.wallet({ on: { eth_getBlockByNumber: later } });
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.intercepts(({ payment, nth }) => payment && nth < 30 && gateway);
      await at.pays(person);
      await waitsInVain(person);
      await person.sees("void");
      await person.looks("void");
      await at.paidNothing(wallet);
      await person.presses("again");
      await person.sees("ready");
      return "a block after its time does not have it: it is void, and one may pay anew";
    },
    "an outcome that the wallet's node does not know either": async (at) => {
      const wallet = at.wallet({ on: { eth_getBlockByNumber: () => { throw fault(-32603, "no node"); } } });
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.intercepts(({ payment }) => payment && gateway);
      await at.pays(person);
      await waitsInVain(person);
      await person.sees("ended");
      await person.stays("ended");
      must(wallet.signatures === 1, "it asked for a second signature");
      return "said so; nothing is signed again";
    },
    "to pay anew all the same is warned of twice": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.intercepts(({ payment }) => payment && gateway);
      await at.pays(person);
      await waitsInVain(person);
      await person.sees("ended");
      await person.presses("anyway");
      await at.pays(person);
      await person.sees("open");
      await person.looks("open");
      must(wallet.signatures === 1, "it asked for a second signature");
      return "by the state, and again before the wallet is asked";
    },
    "a price that changes before the signature": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.sees("ready");
      const dearer = await changed(at, (offer) => ({ ...offer, amount: "20000" }));
      let changes = true;
      await person.intercepts(({ method }) => method === "HEAD" && changes && dearer);
      await person.skip(400);
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("ready");
      await person.reads("changed");
      await person.looks("changed");
      must(wallet.signatures === 0, "it was asked to sign another price than was shown");
      changes = false;
      return "said, and nothing signed";
    },
    "a payee that changes before the signature": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.sees("ready");
      const other = await changed(at, (offer) => ({ ...offer, payTo: at.town.owner.address }));
      await person.intercepts(({ method }) => method === "HEAD" && other);
      await person.skip(400);
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("ready");
      must(wallet.signatures === 0, "it was asked to sign for another payee than was shown");
      return "nothing signed";
    },
    "a network that the page does not know": async (at) => {
      const person = await at.visits(KEY, { wallets: [at.wallet()], clock: true });
      await person.sees("ready");
      const other = await changed(at, (offer) => ({ ...offer, network: "eip155:999999" }));
      await person.intercepts(({ method }) => method === "HEAD" && other);
      await person.skip(400);
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("stale");
      await person.looks("stale");
      return "told to reload";
    },
    "refused after an outcome was unknown": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      const paywall = { code: "payment_expired", message: "The payment's time is over.", nextStep: "Sign a new one.", retryable: true, resendSamePayment: false };
      await person.intercepts(({ payment, nth }) => payment && (nth === 1 ? gateway : refusal(paywall)));
      await at.pays(person);
      await person.sees("doubt");
      await person.looks("doubt");
      await person.finds("anyway");
      must(wallet.signatures === 1, "it asked for a second signature");
      return "says that it may have been charged, and does not sign again by itself";
    },
    "a site that does not answer": async (at) => {
      const person = await at.visits(KEY, { wallets: [at.wallet()], clock: true });
      await person.sees("ready");
      await person.intercepts(({ method }) => method === "HEAD" && gateway);
      await person.skip(400);
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("down");
      await person.looks("down");
      return "says that the price cannot be read, and that nothing was charged";
    },
    "a download with its progress, cut and fetched again": async (at) => {
      const wallet = at.wallet();
      const wire = await at.wire();
      const person = await at.visits(ARCHIVE, { wallets: [wallet], wire });
      wire.slow(2_000_000);
      await at.pays(person);
      await person.sees("fetching");
      const progress = () => person.page.evaluate(() => document.querySelector("progress")?.value);
      for (let waited = 0; waited < 100 && !(await progress()); waited += 1) await sleep(50);
      const first = await progress();
      await person.looks("fetching");
      must((await progress()) > first, `the bar stays at ${first}`);
      wire.cut();
      await person.sees("broken");
      await person.looks("broken");
      wire.mend();
      wire.slow(Infinity);
      await person.presses("fetch");
      await person.sees("done");
      must((await person.downloaded("archive.zip")) === at.shop.sha256(ARCHIVE), "other bytes than the object's");
      await at.paidOnce(wallet, 250_000n);
      return "the bar moves; the same payment fetched it again, charged once";
    },
  },
};
