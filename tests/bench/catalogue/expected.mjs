// What a catalogue must know of an object, whoever extracts it.

import { isDeepStrictEqual } from "node:util";

import { SHOP } from "./shop.mjs";

/**
 * What is wrong with what a library extracted of `object`, sold at `url` on a wire; nothing if all is right. On v1
 * there is no place for a shop's name, tags and icon, and the kind of an answer is always "json".
 */
export function misread(extracted, { object, url, wire }) {
  if (!extracted) return ["nothing is extracted"];
  const { discoveryInfo: { input, output } } = extracted;
  const service = { serviceName: SHOP.name, tags: SHOP.tags, iconUrl: SHOP.icon };
  const wanted = {
    resourceUrl: url, method: "GET", description: object.description, mimeType: object.mimeType,
    x402Version: wire === "v2" ? 2 : 1, ...(wire === "v2" ? service : {}),
  };
  const got = { ...extracted, method: extracted.method ?? input.method };
  const different = Object.entries(wanted)
    .filter(([member, value]) => !isDeepStrictEqual(got[member], value))
    .map(([member, value]) => `${member} is ${JSON.stringify(got[member])}, not ${JSON.stringify(value)}`);
  const answer = wire === "v2"
    ? { type: object.kind, format: object.mimeType, ...(object.example === undefined ? {} : { example: object.example }) }
    : object.example === undefined ? undefined : { type: "json", example: object.example };
  if (input.type !== "http" || !isDeepStrictEqual(output, answer)) {
    different.push(`input is ${input.type}, output ${JSON.stringify(output)}, not ${JSON.stringify(answer)}`);
  }
  return different;
}
