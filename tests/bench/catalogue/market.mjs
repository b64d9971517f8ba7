// A shop before a Bazaar: what its sales list there, and who finds it.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../process.mjs";
import { must, purchase } from "../purchase.mjs";
import { bought } from "./bought.mjs";
import { misread } from "./expected.mjs";
import { listed, search, usdPrice } from "./searches.mjs";
import { dollars, object, sha256 } from "./shop.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

/** What is done one after the other, in a shop that has sold nothing yet: `[title, work]`. */
export function marketRows(chain, shop, payee) {
  const { bazaar, seller, buyer } = shop;
  // Four rows speak of it, one of them without tags, and one is too dear.
  const asked = ["freight", "0.009", "freight"];
  const agent = () => run(process.execPath, [here("agent.mjs"), bazaar.url, buyer.key, ...asked]);

  return [
    ["before a sale", async () => {
      must((await listed(bazaar.url)).pagination.total === 0, "something is listed");
      const { code, err } = await agent();
      must(code === 3 && (await bazaar.calls()).settle === 0, `the agent ended with ${code}: ${err.trim()}`);
      return "nothing is listed, and the agent finds nothing and buys nothing";
    }],
    ["the first sale lists what was sold", async () => {
      const sold = object("three/chart.png");
      await bought(shop, sold.key, "fetch-v2");
      const { items, pagination } = await listed(bazaar.url);
      must(pagination.total === 1, `${pagination.total} rows`);
      const [{ resource, extensions, accepts, lastUpdated, ...row }] = items;
      const method = extensions.bazaar.info.input.method;
      const wrong = misread({ ...row, resourceUrl: resource, method, discoveryInfo: extensions.bazaar.info }, { object: sold, url: `${seller.url}/${sold.key}`, wire: "v2" });
      must(wrong.length === 0, wrong.join("; "));
      must(row.type === "http" && usdPrice(items[0]) === Number(dollars(sold.price)) && Date.parse(lastUpdated) > 0, JSON.stringify(items[0]));
      must(seller.log().includes('"listing":"success"'), `the seller's log says nothing of it:\n${seller.log()}`);
      return `${resource}, ${row.serviceName} [${row.tags}], $${dollars(sold.price)}; the seller's log says "listing":"success"`;
    }],
    ["more sales", async () => {
      await bought(shop, "one/chart.png", "fetch-v2");
      await bought(shop, "one/summary.txt", "fetch-v1");
      await bought(shop, "one/summary.txt", "fetch-v1");
      await bought(shop, "one/rates.json", "fetch-v2");
      const pages = [await listed(bazaar.url, { limit: 3 }), await listed(bazaar.url, { limit: 3, offset: 3 })];
      must(pages.every(({ pagination }) => pagination.total === 4), `${pages[0].pagination.total} rows of four objects`);
      must(pages.map(({ items }) => items.length).join() === "3,1", "pages of other lengths");
      return "four objects, five sales, four rows, in two pages";
    }],
    ["searches", async () => {
      const searches = [
        [{ query: "picture" }, "one/chart.png,three/chart.png"],
        [{ query: "picture", maxUsdPrice: "0.009" }, "one/chart.png"],
        [{ query: "picture", maxUsdPrice: "0.004" }, ""],
        [{ query: "freight", tags: ["markets"] }, "one/chart.png,one/rates.json,three/chart.png"],
        // v1 has no place for tags.
        [{ query: "summary" }, "one/summary.txt"],
        [{ query: "summary", tags: ["markets"] }, ""],
        [{ query: "picture", tags: ["Markets"] }, ""],
        [{ query: "harbour reports" }, "one/chart.png,one/rates.json,three/chart.png"],
        [{ query: "coffee" }, ""],
      ];
      for (const [parameters, wanted] of searches) {
        const keys = (await search(bazaar.url, parameters)).map(({ resource }) => new URL(resource).pathname.slice(1)).sort().join();
        must(keys === wanted, `${JSON.stringify(parameters)} finds "${keys}", not "${wanted}"`);
      }
      return `${searches.length} by text, price and tag find what they should`;
    }],
    ["a buyer who knows the Bazaar alone", async () => {
      const cheapest = object("one/rates.json");
      const bytes = readFileSync(join(shop.content, cheapest.key));
      const stall = { facilitator: bazaar, price: cheapest.price, sha256: sha256(bytes) };
      let said;
      const paid = await purchase({ chain, stall, payer: buyer.address, payee: payee.address, wire: "v2", verifies: 0 }, async () => {
        const { code, out, err } = await agent();
        must(code === 0, `the agent ended with ${code}: ${err.trim()}`);
        said = err.trim().split("\n").join(", ");
        return JSON.parse(out);
      });
      return `${said}; ${bytes.length} bytes for $${dollars(cheapest.price)}, transaction ${paid.transaction}`;
    }],
  ];
}
