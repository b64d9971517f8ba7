// Wallets are found, or it is said what to do; one is connected and brought to the network; it has the money, or not.

import { must } from "../../purchase.mjs";
import { HOSTILE } from "../shop.mjs";
import { declined, fault, never } from "../wallet.mjs";

const KEY = "reports/2026/market.json";
const PRICE = 10_000n;

/** The wallet on Ethereum's main network, with a way of its own to change. */
async function elsewhere(at, how) {
  const wallet = at.wallet({ chainId: 1, ...how });
  const person = await at.visits(KEY, { wallets: [wallet] });
  await person.sees("ready");
  await person.presses("use");
  return { wallet, person };
}

async function goesOn(at, wallet, person) {
  await person.sees("confirm");
  await person.presses("sign");
  await person.sees("done");
  await at.paidOnce(wallet, PRICE);
}

export const finding = {
  inBoth: {
    "no wallet, then one that comes late": async (at) => {
      const wallet = at.wallet({ late: 2_000 });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("nowallet");
      await person.sees("ready");
      await person.presses("use");
      await goesOn(at, wallet, person);
      return "found when it announced itself after 2 s, and bought";
    },
    "a wallet that is only window.ethereum": async (at) => {
      const wallet = at.wallet({ legacy: true });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await goesOn(at, wallet, person);
      return "found and bought";
    },
  },
  inChromium: {
    "no wallet at a computer": async (at) => {
      const person = await at.visits(KEY);
      await person.sees("nowallet");
      await person.reads("desk");
      await person.looks("no-wallet");
      await person.presses("look");
      await person.sees("nowallet");
      return "says what to do";
    },
    "no wallet on a phone": async (at) => {
      const person = await at.visits(KEY, { coarse: true, width: 360 });
      await person.sees("nowallet");
      await person.reads("phone");
      const links = await person.page.evaluate(() => [...document.querySelectorAll("#act a")].map(({ href }) => href));
      const { host, pathname, href } = new URL(at.shop.at(KEY));
      must(links.includes(`https://link.metamask.io/dapp/${host}${pathname}`), `no link for MetaMask in ${links}`);
      must(links.filter((link) => link.includes(encodeURIComponent(href))).length >= 3, `links: ${links}`);
      await person.looks("no-wallet-phone");
      return `${links.length} links that open the page in a wallet`;
    },
    "sold on Solana only": async (at) => {
      const person = await at.visits("solana/rates.json", { wallets: [at.wallet()] });
      await person.sees("unpayable");
      await person.looks("no-offer");
      return "says that software can pay";
    },
    "two wallets of one name, and one with a hostile name and icon": async (at) => {
      const [first, second] = [at.wallet(), at.wallet({ rdns: "io.metamask.mmc" })];
      const third = at.wallet({ name: HOSTILE, icon: "javascript:window.ran=7", rdns: "org.evil" });
      const person = await at.visits(KEY, { wallets: [first, second, third] });
      await person.sees("ready");
      for (const match of [/MetaMask \(1\)$/, /MetaMask \(2\)$/, /<\/script>/]) await person.finds("use", { match: match.source });
      await person.looks("three-wallets");
      await person.presses("use", { match: "MetaMask \\(2\\)$" });
      await goesOn(at, second, person);
      must(first.asked.length === 0 && third.asked.length === 0, "another wallet was asked");
      return "numbered, named as text, and the second one alone was asked";
    },
    "a wallet of a hostile name pays": async (at) => {
      const wallet = at.wallet({ name: HOSTILE, icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=8"><script>window.ran=9</script></svg>' });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await goesOn(at, wallet, person);
      return "its name was text in every state";
    },
    "a wallet that does not answer is slow, then left, and its late answer dropped": async (at) => {
      let late;
      const wallet = at.wallet({ on: { eth_requestAccounts: ({ nth, usual }) => (nth === 1 ? new Promise((resolve) => (late = () => usual().then(resolve))) : usual()) } });
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("connect");
      await person.looks("connecting");
      await person.skip(25);
      await person.reads("slow");
      await person.looks("slow");
      await person.presses("stop");
      await person.sees("ready");
      await late();
      await person.stays("ready");
      await person.presses("use");
      await goesOn(at, wallet, person);
      return "said so after 20 s; the answer that came after it was left changed nothing";
    },
    "declined to connect": async (at) => {
      const wallet = at.wallet({ on: { eth_requestAccounts: declined } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("declined");
      await at.paidNothing(wallet);
      return "says that nothing was charged";
    },
    "a request that already lies open": async (at) => {
      const wallet = at.wallet({ on: { eth_requestAccounts: ({ nth, usual }) => { if (nth === 1) throw fault(-32002, "Request of type 'wallet_requestPermissions' already pending"); return usual(); } } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("pending");
      await person.looks("pending");
      await person.presses("again");
      await goesOn(at, wallet, person);
      return "told to open the wallet, then bought";
    },
    "an error that says nothing": async (at) => {
      const wallet = at.wallet({ on: { eth_requestAccounts: () => { throw fault(-32603, HOSTILE); } } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("failed");
      await person.looks("wallet-error");
      return "shown as text";
    },
    "on another network, and it changes": async (at) => {
      const { wallet, person } = await elsewhere(at);
      await goesOn(at, wallet, person);
      must(wallet.count("wallet_addEthereumChain") === 0, "it was told of a network that it knows");
      return "changed, and bought";
    },
    "on another network, and the change is declined": async (at) => {
      const { wallet, person } = await elsewhere(at, { on: { wallet_switchEthereumChain: declined } });
      await person.sees("declined", "wrong");
      must(wallet.count("wallet_addEthereumChain") === 0, "after a no it was asked to add the network");
      await person.looks("switch-declined");
      await at.paidNothing(wallet);
      return "asked no further";
    },
    "on another network, and it says yes and stays": async (at) => {
      const { wallet, person } = await elsewhere(at, { on: { wallet_switchEthereumChain: () => null } });
      await person.sees("wrong");
      await person.looks("wrong-network");
      wallet.chainId = 84_532;
      await person.presses("again");
      await goesOn(at, wallet, person);
      return "not believed; changed by hand, and bought";
    },
    "a network that it does not know: 4902": async (at) => {
      const { wallet, person } = await elsewhere(at, { chains: [1] });
      await goesOn(at, wallet, person);
      return "added, and bought";
    },
    "a network that it does not know: -32603, as phones say it": async (at) => {
      const unknown = ({ usual, wallet }) => {
        if (wallet.chains.has(84_532)) return usual();
        throw fault(-32603, "Unbekannte Kette", { originalError: { code: 4902 } });
      };
      const { wallet, person } = await elsewhere(at, { chains: [1], on: { wallet_switchEthereumChain: unknown } });
      await goesOn(at, wallet, person);
      return "added, and bought";
    },
    "a network that it cannot add": async (at) => {
      const { wallet, person } = await elsewhere(at, { chains: [1], on: { wallet_addEthereumChain: () => { throw fault(4200, "not here"); } } });
      await person.sees("wrong");
      await person.reads("add");
      await at.paidNothing(wallet);
      return "says to add it by hand";
    },
    "not enough money": async (at) => {
      const wallet = at.wallet();
      const person = await at.visits("dear/rates.json", { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("poor");
      const said = await person.reads("poor");
      for (const word of ["100 USDC", "1000 USDC", "900 USDC", "Base Sepolia"]) must(said.includes(word), `no ${word} in\n${said}`);
      await person.looks("poor");
      must(wallet.signatures === 0, "it was asked to sign");
      return "says how much of what is missing, and where";
    },
    "a wallet whose node is dead": async (at) => {
      const dead = () => { throw fault(-32603, "failed to fetch"); };
      const wallet = at.wallet({ on: { eth_call: dead, eth_getCode: dead } });
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("blind");
      await person.looks("blind");
      await person.presses("sign");
      await person.sees("done");
      await at.paidOnce(wallet, PRICE);
      return "says that it could not read the balance, and buys";
    },
    "a wallet whose node never answers": async (at) => {
      const wallet = at.wallet({ on: { eth_call: never, eth_getCode: never } });
      const person = await at.visits(KEY, { wallets: [wallet], clock: true });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("balance");
      await person.looks("balance");
      await person.skip(11);
      await person.sees("blind");
      return "goes on without it";
    },
    "another account than the one that was looked at": async (at) => {
      const [wallet, other] = [at.wallet(), at.town.payer()];
      const person = await at.visits(KEY, { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("confirm");
      const first = { ...wallet };
      Object.assign(wallet, other);
      await person.presses("sign");
      await person.sees("failed");
      await at.paidNothing(first);
      await person.presses("again");
      await person.sees("confirm");
      await person.presses("sign");
      await person.sees("done");
      must((await at.paid(wallet)).length === 1 && (await at.paid(first)).length === 0, "another account paid");
      return "the wallet refuses to sign for the first one; the second one is looked at, and pays";
    },
    "another network, by choice": async (at) => {
      const wallet = at.wallet({ chains: [1, 84_532, 43_113] });
      const person = await at.visits("several/rates.json", { wallets: [wallet] });
      await person.sees("ready");
      await person.presses("use");
      await person.sees("confirm");
      await person.looks("confirm-several");
      await person.presses("instead");
      await person.sees("blind", "poor");
      must(wallet.chainId === 43_113, `the wallet is on ${wallet.chainId}`);
      await person.presses("instead");
      await goesOn(at, wallet, person);
      return "changed there and back, and bought";
    },
    "a choice of networks": async (at) => {
      const wallet = at.wallet({ chainId: 84_532, chains: [1, 84_532, 43_113] });
      const person = await at.visits("several/rates.json", { wallets: [wallet] });
      await person.sees("ready");
      await person.looks("several-offers");
      await person.presses("use");
      await goesOn(at, wallet, person);
      must(wallet.count("wallet_switchEthereumChain") === 0, "the wallet was on a network that can be paid on, and had to change");
      return "the wallet's own network first, and bought";
    },
  },
};
