// A file that a page does not take into memory: 65 MB on a phone. It goes to disk, or by the pass, or it is said before.

import { challenge, must } from "../../purchase.mjs";
import { FILM as FILM_BYTES } from "../shop.mjs";

const FILM = "film/rates.mp4";
const TIMED = "timed-film/rates.mp4";
const PRICE = 300_000n;
const PHONE = { coarse: true, width: 412 };

/** A save picker that writes to the private file system: headless browsers have no dialogue. The same interface. */
const PICKER = `globalThis.showSaveFilePicker = async ({ suggestedName }) => {
  if (!navigator.userActivation.isActive) throw new DOMException("no activation", "SecurityError");
  globalThis.picked = suggestedName;
  return (await navigator.storage.getDirectory()).getFileHandle("picked", { create: true });
};`;
const NO_PICKER = "delete globalThis.showSaveFilePicker;";
const NO_STORE = 'StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException("no store", "SecurityError"));';

export const big = {
  inChromium: {
    "a film, to where the person chooses": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(FILM, { wallets: [wallet], before: [PICKER], ...PHONE });
      await person.sees("ready");
      await person.reads("picker");
      await person.presses("use");
      await person.sees("confirm");
      await person.looks("confirm-big");
      await person.presses("sign");
      await person.sees("saved");
      const { name, size } = await person.page.evaluate(async () => {
        const handle = await (await navigator.storage.getDirectory()).getFileHandle("picked");
        return { name: globalThis.picked, size: (await handle.getFile()).size };
      });
      must(name === "rates.mp4" && size === FILM_BYTES, `${size} bytes in ${name}`);
      await person.looks("saved");
      await person.reload();
      await person.sees("held");
      await person.looks("held");
      await person.presses("fetch");
      await person.sees("saved");
      await at.paidOnce(wallet, PRICE);
      return "asked before the signature, within the click; the file's size on disk; after a reload fetched again by a click";
    },
    "a film, for which no place is chosen": async (at) => {
      const wallet = at.wallet();
      const nowhere = 'globalThis.showSaveFilePicker = () => Promise.reject(new DOMException("The user aborted a request.", "AbortError"));';
      const person = await at.visits(FILM, { wallets: [wallet], before: [nowhere], ...PHONE });
      await at.pays(person);
      await person.sees("declined");
      must(wallet.signatures === 0, "it was asked to sign");
      return "nothing signed";
    },
    "a film by a pass that the browser does not keep": async (at) => {
      const wallet = at.wallet();
      const { v2 } = await challenge(at.shop.at(TIMED));
      const locked = { status: 402, headers: { "PAYMENT-REQUIRED": Buffer.from(JSON.stringify(v2)).toString("base64") } };
      const person = await at.visits(TIMED, {
        wallets: [wallet], before: [NO_PICKER, NO_STORE], answers: ({ method }) => method === "HEAD" && locked, ...PHONE,
      });
      await at.pays(person);
      await person.sees("nocookie");
      await person.looks("no-cookie");
      const header = await person.page.evaluate(() => document.querySelector("#pay pre").textContent);
      const [name, pass] = header.split(": ");
      const { status } = await fetch(at.shop.at(TIMED), { method: "HEAD", headers: { [name]: pass } });
      must(status === 200, `software with "${header}" is answered ${status}`);
      await at.paidOnce(wallet, PRICE);
      return "told the header, which opens the file to software";
    },
    "a film, by the browser's own store": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(FILM, { wallets: [wallet], before: [NO_PICKER], ...PHONE });
      await person.sees("ready");
      await person.reads("store");
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("done");
      const size = await person.page.evaluate(() => Math.max(...Object.values(globalThis.blobs).map((blob) => blob.size)));
      must(size === FILM_BYTES, `${size} bytes`);
      await at.paidOnce(wallet, PRICE);
      return "not in memory, and whole";
    },
    "a film under timed access, by the pass": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(TIMED, { wallets: [wallet], before: [NO_PICKER, NO_STORE], ...PHONE });
      await person.sees("ready");
      await person.reads("pass");
      await person.presses("use");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("download");
      await person.looks("got-pass");
      must((await person.downloaded("rates.mp4")) === at.shop.sha256(TIMED), "other bytes than the object's");
      await at.paidOnce(wallet, PRICE);
      return "downloaded by the browser itself";
    },
    "a film that this browser cannot take": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits(FILM, { wallets: [wallet], before: [NO_PICKER, NO_STORE], ...PHONE });
      await person.sees("toobig", "ready");
      if ((await person.state()).id !== "toobig") await person.presses("use");
      await person.sees("toobig");
      await person.looks("too-big");
      must(wallet.signatures === 0, "it was asked to sign");
      await at.paidNothing(wallet);
      return "said before paying";
    },
  },
};
