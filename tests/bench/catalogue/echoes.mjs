// What buyers repeat of a 402 is not signed, so anyone can change it or leave it out. What the facilitator is told
// must be the same in any case, and enough to list what was sold.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { extractDiscoveryInfo } from "@x402/extensions/bazaar";

import { sign } from "../payment.mjs";
import { challenge, must } from "../purchase.mjs";
import { misread } from "./expected.mjs";

const EVIL = { url: "https://evil.example/stolen", serviceName: "Evil", tags: ["evil"], iconUrl: "https://evil.example/icon.png" };

const withInfo = ({ bazaar }, change) => ({ bazaar: { ...bazaar, info: change(bazaar.info) } });

/** What a buyer may repeat, by what is wrong with it. The first is what honest ones do. */
export const ECHOES = {
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
export function unsigned(text) {
  const { signature, authorization: { nonce, validAfter, validBefore } } = JSON.parse(text).paymentPayload.payload;
  return Object.entries({ signature, nonce, validAfter, validBefore })
    .reduce((rest, [member, value]) => rest.replaceAll(`"${member}":"${value}"`, `"${member}":"..."`), text);
}

/** What a facilitator that lists makes of a body of /settle. */
export function extracted(text) {
  const { paymentPayload, paymentRequirements } = JSON.parse(text);
  return extractDiscoveryInfo(paymentPayload, paymentRequirements);
}

/** Buys with a payment made by hand that echoes `echo`, and gives the body of the one /settle that it cost. */
export async function bodyOf({ seller, bazaar, content, object, wire, buyer, echo }) {
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
export function mustTell(text, { object, url, wire }) {
  const wrong = misread(extracted(text), { object, url, wire });
  must(wrong.length === 0, `${object.key} on ${wire}: ${wrong.join("; ")}`);
}

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
