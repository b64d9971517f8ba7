// A signature: as wallets give it, late, not at all, of another kind; one is asked for, and one is sent.

import { must } from "../../purchase.mjs";
import { gate } from "../town.mjs";
import { declined, fault, ledgers, never } from "../wallet.mjs";

const KEY = "reports/2026/market.json";
const PRICE = 10_000n;

/** A purchase with a wallet that is strange in some way, which goes well. */
const well = (how, told) => async (at) => {
  const wallet = at.wallet(how);
  const person = await at.visits(KEY, { wallets: [wallet] });
  await at.pays(person);
  await person.sees("done");
  await at.paidOnce(wallet, PRICE);
  return told;
};

/** Comes to where the wallet is asked to sign. */
async function asked(at, how, visit) {
  const wallet = at.wallet(how);
  const person = await at.visits(KEY, { wallets: [wallet], ...visit });
  await at.pays(person);
  return { wallet, person };
}

const lateAnswer = () => {
  const { open, opened } = gate();
  return { open, on: { eth_signTypedData_v4: async ({ nth, usual }) => { if (nth === 1) await opened; return usual(); } } };
};

export const signing = {
  inBoth: {
    "v of 0 and 1, as Ledger gives it": well({ shape: { signature: ledgers } }, "made 27 and 28"),
  },
  inChromium: {
    "an account in lower case, and a chain id as a number": well(
      { shape: { account: (address) => address.toLowerCase(), chainId: (id) => id } }, "bought",
    ),
    "a chain id as a decimal text": well({ shape: { chainId: (id) => `${id}` } }, "bought"),
    "a contract wallet": async (at) => {
      const wallet = at.contractWallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("confirm");
      await person.reads("contract");
      await person.looks("confirm-contract");
      await person.presses("sign");
      await person.sees("done");
      await at.paidOnce(wallet, PRICE);
      return "told what may happen; its long signature is passed on as it is";
    },
    "an account with code of its own, EIP-7702": async (at) => {
      const wallet = at.wallet({ on: { eth_getCode: () => `0xef0100${"11".repeat(20)}` } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("confirm");
      await person.reads("contract");
      return "told what may happen";
    },
    "what the wallet will show, told before": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.looks("ready");
      await person.presses("use");
      await person.sees("confirm");
      await person.reads("warn");
      await person.looks("confirm");
      const said = (await person.state()).says;
      must(!/ignore/i.test(said), `it says to ignore something:\n${said}`);
      return "request, amount, payee, how long, and that it may warn";
    },
    "declined to sign, and signed in the end": async (at) => {
      const { wallet, person } = await asked(at, { on: { eth_signTypedData_v4: ({ nth, usual }) => (nth === 1 ? declined() : usual()) } });
      await person.sees("declined");
      await person.looks("declined");
      await at.paidNothing(wallet);
      await person.presses("again");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("done");
      must((await at.paid(wallet)).length === 1, "not one transfer");
      return "nothing was charged at first, then once";
    },
    "a signature that comes too late is not sent": async (at) => {
      const { open, on } = lateAnswer();
      const { wallet, person } = await asked(at, { on }, { clock: true });
      await person.sees("signing");
      await person.looks("signing");
      await person.skip(42);
      open();
      await person.sees("late");
      await person.looks("late");
      await at.paidNothing(wallet);
      must(!(await person.page.evaluate(() => Object.keys(sessionStorage).some((key) => sessionStorage.getItem(key).includes("header")))), "it is kept");
      return "42 s of 60 had passed: dropped, and said so";
    },
    "a signature that comes when the lid is opened again is not sent": async (at) => {
      const { open, on } = lateAnswer();
      const { wallet, person } = await asked(at, { on }, { clock: true });
      await person.sees("signing");
      await person.page.evaluate(() => globalThis.sleep(300_000));
      open();
      await person.sees("late");
      await at.paidNothing(wallet);
      return "no timer said that its time was over; the clock did";
    },
    "a signature after the waiting was stopped is not sent": async (at) => {
      const { open, on } = lateAnswer();
      const { wallet, person } = await asked(at, { on });
      await person.sees("signing");
      await person.presses("stop");
      await person.sees("ready", "confirm");
      open();
      await person.rests();
      await at.paidNothing(wallet);
      return "dropped";
    },
    "a wallet that never signs": async (at) => {
      const { wallet, person } = await asked(at, { on: { eth_signTypedData_v4: never } }, { clock: true });
      await person.sees("signing");
      await person.skip(21);
      await person.reads("slow");
      await person.looks("signing-slow");
      await person.skip(20);
      await person.sees("late");
      await at.paidNothing(wallet);
      return "said so after 20 s, and ended when its time was over";
    },
    "what is no signature is not sent": async (at) => {
      const { wallet, person } = await asked(at, { on: { eth_signTypedData_v4: () => "0x" } });
      await person.sees("failed");
      await at.paidNothing(wallet);
      return "said so";
    },
    "a wallet that refuses blind signing": async (at) => {
      const { person } = await asked(at, { on: { eth_signTypedData_v4: () => { throw fault(-32603, "Ledger: Please enable Blind signing or Contract data in the Ethereum app"); } } });
      await person.sees("failed");
      await person.reads("hardware");
      return "told what to do";
    },
    "a wallet that changes its network before it signs": async (at) => {
      const wallet = at.wallet({ on: { eth_signTypedData_v4: ({ nth, usual, wallet: own }) => { own.chainId = nth === 1 ? 1 : own.chainId; return usual(); } } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await at.pays(person);
      await person.sees("failed", "wrong");
      await at.paidNothing(wallet);
      await person.presses("again");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("done");
      must((await at.paid(wallet)).length === 1, "not one transfer");
      return "refused by the wallet, changed back, and bought";
    },
    "pressed twice": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("confirm");
      const button = await person.finds("sign");
      await button.evaluate((one) => { one.click(); one.click(); one.click(); });
      await person.sees("done");
      await at.paidOnce(wallet, PRICE);
      return "one signature, one transfer";
    },
    "a clock that is a day ahead, and one that is a day behind": async (at) => {
      for (const seconds of [86_400, -86_400]) {
        const wallet = at.wallet();
        const person = await at.visits(KEY, { wallets: [wallet], clock: true, before: [`skip(${seconds * 1000})`] });
        await at.pays(person);
        await person.sees("done");
        await at.paidOnce(wallet, PRICE);
      }
      return "both bought by the server's clock";
    },
    "terms that are old are read again": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.sees("ready");
      const heads = [];
      person.page.on("request", (request) => request.method() === "HEAD" && heads.push(request.url()));
      await person.skip(360);
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("done");
      must(heads.length > 0, "they were not");
      await at.paidOnce(wallet, PRICE);
      return "by HEAD, and bought by the server's clock";
    },
  },
};
