// What is bought ends up with the person: shown, or downloaded under its name, byte for byte.

import { must } from "../../purchase.mjs";

const KINDS = [
  { what: "a PNG, shown", key: "pictures/rates.png", price: 50_000n, tag: "img", by: "metamask" },
  { what: "the same, signed by viem", key: "pictures/rates.png", price: 50_000n, tag: "img", by: "viem" },
  { what: "an SVG with a script in it, shown", key: "pictures/chart.svg", price: 50_000n, tag: "img", by: "metamask" },
  { what: "a PDF, shown", key: "papers/report.pdf", price: 20_000n, tag: "iframe", by: "viem" },
  { what: "a text, shown", key: "reports/2026/summary.txt", price: 10_000n, tag: "pre", by: "metamask" },
  { what: "JSON, shown", key: "reports/2026/market.json", price: 10_000n, tag: "pre", by: "viem" },
  { what: "a file of 20 MB, downloaded", key: "data/archive.zip", price: 250_000n, by: "metamask" },
  { what: "a page of HTML, downloaded and not opened", key: "data/page.html", price: 250_000n, by: "metamask" },
];

async function buys(at, { key, price, tag, by }) {
  const wallet = at.wallet({ by });
  const person = await at.visits(key, { wallets: [wallet] });
  await person.sees("ready");
  await person.presses("use");
  await person.sees("confirm");
  const told = await person.reads("shows");
  for (const word of ["TransferWithAuthorization", `${price}`, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"]) {
    must(told.includes(word), `what the wallet will show is not told: no ${word} in\n${told}`);
  }
  must(wallet.signatures === 0, "a signature was asked for before it was told what it is");
  await person.presses("sign");
  await person.sees("done");
  const wanted = at.shop.sha256(key);
  if (tag) {
    const shown = await person.shown();
    must(shown.tag === tag, `it is shown by <${shown.tag}>, not <${tag}>`);
    must(shown.sha256 === wanted, "other bytes than the object's");
    must(tag !== "img" || shown.width > 0, "the picture is empty");
  } else {
    const opened = await person.page.$("#view img, #view pre, #view iframe, #view video");
    must(!opened, "it is opened in the page");
    must((await person.downloaded(key.split("/").at(-1))) === wanted, "other bytes than the object's");
  }
  await at.paidOnce(wallet, price);
  const receipt = await person.page.evaluate(() => [...document.querySelectorAll("#pay a")].map(({ href }) => href).find((href) => href.includes("/tx/")));
  must(/^https:\/\/sepolia\.basescan\.org\/tx\/0x[0-9a-f]{64}$/.test(receipt), `no receipt with a link: ${receipt}`);
  await person.looks(`got-${key.split(".").at(-1)}`);
  return `the object's bytes, one transfer of ${price}, a receipt`;
}

export const purchases = {
  inBoth: Object.fromEntries(KINDS.map((kind) => [`buys ${kind.what}`, (at) => buys(at, kind)])),
};
