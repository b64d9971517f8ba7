// What `@agentcash/discovery`, and x402scan by the same rules, say of a shop. Each finding is `{ code, severity, message }`.

import { join } from "node:path";

import {
  checkEndpointSchema, discoverOriginSchema, getWarningsForL3, getWarningsForLegacyWellKnown, probeLegacyWellKnown,
  validatePaymentRequiredDetailed,
} from "@agentcash/discovery";

import { run } from "../process.mjs";
import { must } from "../purchase.mjs";

const COMMAND = join(new URL("../node_modules", import.meta.url).pathname, "@agentcash/discovery/bin/discovery.js");

/** What is found of every shop of this kind, and why. */
export const KNOWN = {
  LEGACY_WELL_KNOWN_FOUND: "older crawlers read .well-known/x402; that it is there is an advice to those who have no openapi.json",
};

/** `discovery discover ORIGIN`: the document, its favicon, and a check and a probe of each operation. */
export async function discover(origin) {
  const told = await command("discover", origin);
  must(told.ok && told.selectedStage === "openapi", `no openapi.json is found: ${JSON.stringify(told)}`);
  return { ...told, findings: told.warnings };
}

/** `discovery check URL`: what the document says of it, and what its 402 does. */
export async function check(url) {
  const told = await command("check", url);
  must(told.found, `${url} is not found`);
  return { ...told, findings: told.warnings };
}

/** The 402 alone, judged as x402scan judges it before it registers a URL. */
export async function probe(url) {
  const told = await checkEndpointSchema({ url, probe: true });
  must(told.found, `${url} does not answer the probe: ${told.message ?? told.cause}`);
  const get = told.advisories.find(({ method }) => method === "GET");
  must(get?.paymentRequiredBody, `${url}: the probe has no 402 of GET`);
  const judged = validatePaymentRequiredDetailed(get.paymentRequiredBody);
  must(judged.valid && judged.version === 2, `${url}: ${JSON.stringify(judged.issues)}`);
  return { ...get, findings: [...told.advisories.flatMap((one) => getWarningsForL3(one)), ...judged.issues] };
}

/** What an agent's host is given of the origin, and what it is told to move away from. */
export async function origin(url) {
  const told = await discoverOriginSchema({ target: url });
  must(told.found, `${url}: ${told.message ?? told.cause}`);
  const legacy = await probeLegacyWellKnown(url);
  return { ...told, findings: getWarningsForLegacyWellKnown(legacy.isOk() ? legacy.value : {}) };
}

async function command(...words) {
  const { code, out, err } = await run(process.execPath, [COMMAND, ...words, "--json", "-v"], { seconds: 120, keep: 1e7 });
  must(code === 0, `discovery ${words.join(" ")} ended with ${code}: ${(err || out).slice(-1000)}`);
  return JSON.parse(out);
}
