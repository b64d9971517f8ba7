// What buyers repeat of a 402 is not signed, so anyone can change it or leave it out. What the facilitator is told
// must be the same in any case, and enough to list what was sold.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { extractDiscoveryInfo } from "@x402/extensions/bazaar";

import { sign } from "../payment.mjs";
import { challenge, must } from "../purchase.mjs";
import { bought } from "./bought.mjs";
import { misread } from "./expected.mjs";
import { listed } from "./searches.mjs";
import { object, OBJECTS, sha256 } from "./shop.mjs";

const EVIL = { url: "https://evil.example/stolen", serviceName: "Evil", tags: ["evil"], iconUrl: "https://evil.example/icon.png" };

const withInfo = ({ bazaar }, change) => ({ bazaar: { ...bazaar, info: change(bazaar.info) } });

/** What a buyer may repeat, by what is wrong with it. The first is what honest ones do. */
const ECHOES = {
  "as it is": ({ resource, extensions }) => ({ resource, extensions }),
  "with another URL": ({ resource, extensions }) => ({ resource: { ...resource, url: EVIL.url }, extensions }),
  "with another name, tags and icon": ({ resource, extensions }) => ({ resource: { ...resource, ...EVIL, url: resource.url }, extensions }),
  "with another description": ({ resource, extensions }) => ({ resource: { ...resource, description: "Free!" }, extensions }),
  "with another example": ({ resource, extensions }) => ({
    resource,
    extensions: withInfo(extensions, (info) => ({ ...info, output: { ...info.output, example: { evil: true } } })),
  }),
  "with another method and a route": ({ resource, extensions }) => ({
    resource,
    extensions: {
      bazaar: { ...withInfo(extensions, (info) => ({ ...info, input: { ...info.input, method: "POST" } })).bazaar, routeTemplate: "/:any" },
    },
  }),
  "in another form": () => ({ resource: EVIL.url, extensions: ["bazaar"] }),
};

/** A body of /settle without what differs between two payments of one buyer for one offer, and nothing else. */
function unsigned(text) {
  const { signature, authorization: { nonce, validAfter, validBefore } } = JSON.parse(text).paymentPayload.payload;
  return Object.entries({ signature, nonce, validAfter, validBefore })
    .reduce((rest, [member, value]) => rest.replaceAll(`"${member}":"${value}"`, `"${member}":"..."`), text);
}

/** What a facilitator that lists makes of a body of /settle. */
function extracted(text) {
  const { paymentPayload, paymentRequirements } = JSON.parse(text);
  return extractDiscoveryInfo(paymentPayload, paymentRequirements);
}

/** Buys with a payment made by hand that echoes `echo`, and gives the body of the one /settle that it cost. */
async function bodyOf({ seller, bazaar, content, object, wire, buyer, echo }) {
  const url = `${seller.url}/${object.key}`;
  const quoted = await challenge(url);
  const before = bazaar.settled.length;
  const { name, value } = await sign({ challenge: quoted, wire, from: buyer.address, key: buyer.key, echo: echo(quoted.v2) });
  const response = await fetch(url, { headers: { [name]: value } });
  const bytes = Buffer.from(await response.arrayBuffer());
  must(response.status === 200, `${object.key} on ${wire}: status ${response.status}: ${bytes.toString().slice(0, 400)}`);
  must(sha256(bytes) === sha256(readFileSync(join(content, object.key))), `${object.key}: other bytes than the file's`);
  must(bazaar.settled.length === before + 1, `${bazaar.settled.length - before} calls of /settle, not 1`);
  return bazaar.settled.at(-1);
}

/** That the object was told of rightly; `Wrong` if not. */
function mustTell(text, { object, url, wire }) {
  const wrong = misread(extracted(text), { object, url, wire });
  must(wrong.length === 0, `${object.key} on ${wire}: ${wrong.join("; ")}`);
}

/** What is done, in a shop that is listed and in one that is not: `[title, work]`. */
export const echoRows = (shop, unlisted) => [
  ["without an echo, v2", () => withoutEcho(shop, "v2")],
  ["without an echo, v1", () => withoutEcho(shop, "v1")],
  ["whatever is echoed", () => anyEcho(shop)],
  ["an echo of what was never said", () => inventedEcho(unlisted, shop)],
];

async function withoutEcho(shop, wire) {
  for (const object of OBJECTS) {
    const text = await bodyOf({ ...shop, object, wire, echo: () => ({}) });
    mustTell(text, { object, url: `${shop.seller.url}/${object.key}`, wire });
  }
  const what = wire === "v2" ? "method, URL, name, tags, icon and output" : "method, URL, description and output";
  return `of ${OBJECTS.length} sales @x402/extensions extracts ${what} from the body of /settle`;
}

/** That the body of /settle is the same, byte for byte, but for what the buyer signed. */
async function anyEcho(shop) {
  let bodies = 0;
  for (const key of ["three/rates.json", "one/chart.png", "one/plain.png"]) {
    for (const wire of ["v2", "v1"]) {
      const plain = unsigned(await bodyOf({ ...shop, object: object(key), wire, echo: () => ({}) }));
      for (const [name, echo] of Object.entries(ECHOES)) {
        const told = unsigned(await bodyOf({ ...shop, object: object(key), wire, echo }));
        must(told === plain, `${key} on ${wire}, echoed ${name}: the facilitator is told\n${told}\nand without an echo\n${plain}`);
        bodies += 1;
      }
    }
  }
  const library = await bought(shop, "three/rates.json", "fetch-v2");
  const plain = unsigned(await bodyOf({ ...shop, object: object("three/rates.json"), wire: "v2", echo: () => ({}) }));
  must(unsigned(library) === plain, `@x402/fetch has the facilitator told\n${unsigned(library)}\nand not\n${plain}`);
  return `${bodies} bodies of /settle, echoed ${Object.keys(ECHOES).join(", ")}, and one of @x402/fetch, are those without an echo, byte for byte`;
}

/** That no buyer can list what does not want to be listed. */
async function inventedEcho(unlisted, shop) {
  const [one] = OBJECTS;
  const { v2 } = await challenge(`${shop.seller.url}/${one.key}`);
  for (const wire of ["v2", "v1"]) {
    const text = await bodyOf({ ...unlisted, object: one, wire, echo: () => ({ resource: v2.resource, extensions: v2.extensions }) });
    const wrong = misread(extracted(text), { object: one, url: `${unlisted.seller.url}/${one.key}`, wire });
    must(wrong.join() === "nothing is extracted", `${wire}: something is extracted: ${text}`);
  }
  must((await listed(unlisted.bazaar.url)).items.length === 0, "it is listed");
  return "nothing is extracted of it, and nothing listed";
}
