// Other people's validators, on answers that the seller really gave. Each says nothing of an answer that it finds
// right, and else what it finds.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { checkEndpointSchema, getProbe, getWarningsForL3, validatePaymentRequiredDetailed } from "@agentcash/discovery";
import { parsePaymentRequired } from "@x402/core/schemas";
import {
  extractDiscoveryInfo, validateAndExtract, validateDiscoveryExtension, validateDiscoveryExtensionSpec,
} from "@x402/extensions/bazaar";
import { PaymentRequirementsSchema } from "x402/types";

import { run } from "../process.mjs";
import { misread } from "./expected.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const require = createRequire(import.meta.url);

/** A package's folder, and its version. */
const folder = (name) => require.resolve.paths(name).map((path) => join(path, name)).find(existsSync);
const version = (name) => JSON.parse(readFileSync(join(folder(name), "package.json"), "utf8")).version;

/** What the SDK's validators say, as lines. */
const said = ({ valid, errors = [] }) => (valid ? [] : errors.length ? errors : ["not valid"]);
/** What agentcash says, as `CODE words`. */
const issues = (list) => list.map(({ code, severity, message }) => `${code} ${severity}: ${message}`);

/** What zod says of a value; a value that it takes and changes is also told, since buyers go by what it gives. */
function parsed({ success, data, error }, given) {
  if (!success) return error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  return isDeepStrictEqual(data, given) ? [] : [`takes it, and makes it ${JSON.stringify(data)}`];
}

/** What a facilitator would get of a buyer who echoes and pays the first offer. */
const echoed = ({ v2 }) => [
  { x402Version: 2, resource: v2.resource, extensions: v2.extensions, accepted: v2.accepts[0], payload: {} },
  v2.accepts[0],
];

const hasV1 = ({ v1 }) => v1.length > 0;

/** The package, what of it, how it looks at an answer, and at which answers, if not at all. */
const PER_ANSWER = [
  ["@agentcash/discovery", "checkEndpointSchema, with a probe", async ({ url }) => {
    const { found, advisories = [] } = await checkEndpointSchema({ url, probe: true });
    const get = advisories.find(({ method }) => method === "GET");
    if (!found || !get) return ["not found"];
    const missing = ["inputSchema", "outputSchema", "paymentOptions"].filter((member) => !get[member]);
    const others = advisories.filter(({ method, authMode }) => !["GET", "HEAD"].includes(method) && authMode !== "paid");
    return [
      ...(get.authMode === "paid" ? [] : [`GET is ${get.authMode}`]),
      ...missing.map((member) => `GET has no ${member}`),
      ...issues(getWarningsForL3(get)),
      ...others.map(({ method, authMode }) => `${method} is ${authMode}`),
    ];
  }],
  ["@agentcash/discovery", "getProbe", async ({ url, v2 }) => {
    const probe = await getProbe(url);
    if (probe.isErr()) return [probe.error.message];
    const get = probe.value.find(({ method }) => method === "GET");
    if (!get) return ["GET is not found"];
    return [
      ...(get.authHint === "paid" ? [] : [`GET is ${get.authHint}`]),
      ...(isDeepStrictEqual(get.paymentRequiredBody, v2) ? [] : ["reads another 402 than the header's"]),
    ];
  }],
  ["@agentcash/discovery", "validatePaymentRequiredDetailed, of the header", ({ v2 }) =>
    issues(validatePaymentRequiredDetailed(v2, { requireInputSchema: true, requireOutputSchema: true }).issues)],
  ["@agentcash/discovery", "`discovery check URL -v`", async ({ url }) => {
    const bin = join(folder("@agentcash/discovery"), "bin", "discovery.js");
    const { code, out, err } = await run(process.execPath, [bin, "check", url, "-v"]);
    const lines = out.split("\n").map((line) => line.trim());
    return [
      ...(code === 0 ? [] : [`ends with ${code}: ${err}`]),
      ...(lines.some((line) => /^GET +paid\b/.test(line)) ? [] : ["does not say `GET paid`"]),
      ...lines.filter((line) => /\[(error|warn|info)\]/.test(line)),
    ];
  }],
  ["@x402/core", "parsePaymentRequired, of the header (v2)", ({ v2 }) => parsed(parsePaymentRequired(v2), v2)],
  ["@x402/core", "parsePaymentRequired, of the body", ({ body }) => {
    // `paywall` is this seller's word on what to do next, and no schema's.
    const { paywall, ...standard } = body;
    return parsed(parsePaymentRequired(standard), standard);
  }],
  ["@x402/extensions", "validateDiscoveryExtension", ({ bazaar }) => said(validateDiscoveryExtension(bazaar))],
  ["@x402/extensions", "validateDiscoveryExtensionSpec", ({ bazaar }) => said(validateDiscoveryExtensionSpec(bazaar))],
  ["@x402/extensions", "validateAndExtract", ({ bazaar, object }) => {
    const result = validateAndExtract(bazaar);
    return [...said(result), ...(isDeepStrictEqual(result.info?.output?.example, object.example) ? [] : ["another example"])];
  }],
  ["@x402/extensions", "extractDiscoveryInfo, v2", (answer) =>
    misread(extractDiscoveryInfo(...echoed(answer)), { ...answer, wire: "v2" })],
  ["@x402/extensions", "extractDiscoveryInfo, v1", (answer) =>
    answer.v1.flatMap((entry) => misread(extractDiscoveryInfo({ x402Version: 1, payload: {} }, entry), { ...answer, wire: "v1" })), hasV1],
  ["x402", "PaymentRequirementsSchema, of v1's entries", ({ v1 }) =>
    v1.flatMap((entry) => parsed(PaymentRequirementsSchema.safeParse(entry), entry)), hasV1],
];

/**
 * Has all validators look at the answers. Gives `{ name, looked, found }` of each, where `found` holds
 * `{ url, says }`. `python` is one with the packages of requirements.txt; without it, Python's are left out.
 */
export async function validate(answers, python) {
  const results = [];
  for (const [name, what, look, at = () => true] of PER_ANSWER) {
    const [seen, found] = [answers.filter(at), []];
    for (const answer of seen) {
      for (const says of await told(() => look(answer))) found.push({ url: answer.url, says });
    }
    results.push({ name: `${name} ${version(name)}: ${what}`, looked: seen.length, found });
  }
  return python ? [...results, ...(await ofPython(answers, python))] : results;
}

/** What `look` says; also if it throws, as some do. */
async function told(look) {
  try {
    return await look();
  } catch (error) {
    return [`throws ${error}`];
  }
}

/** The same of Python's, which asks for the answers itself. */
async function ofPython(answers, python) {
  const told = await run(python, [here("validate.py"), ...answers.map(({ url }) => url)], { seconds: 120, keep: 2_000_000 });
  if (told.code !== 0) throw new Error(`validate.py ended with ${told.code}: ${told.err.slice(-1500)}`);
  const { validators, extracted } = JSON.parse(told.out);
  const wrong = extracted.flatMap(({ url, wire, info }) => {
    const answer = answers.find((one) => one.url === url);
    return misread(info, { ...answer, wire }).map((says) => ({ url, says: `${wire}: ${says}` }));
  });
  const results = validators.map(({ name, found }) => ({ name, looked: answers.length, found }));
  const extractor = results.find(({ name }) => name.includes("extract_discovery_info"));
  extractor.found.push(...wrong);
  return [...results, await conformance(answers, python)];
}

/** `x402conf`, which ends with 1 over an error; warnings are told as well. */
async function conformance(answers, python) {
  const tool = join(dirname(python), "x402conf");
  const { code, out, err } = await run(tool, ["resource", "--fail-on-error", ...answers.map(({ url }) => url)], { seconds: 120, keep: 2_000_000 });
  const { tool: name, results } = JSON.parse(out || '{"tool":"x402-conformance","results":[]}');
  const found = results.flatMap(({ target, checks }) =>
    checks.filter(({ pass }) => !pass).map(({ check, severity }) => ({ url: target, says: `${severity}: ${check}` })));
  if (code !== 0 && found.length === 0) found.push({ url: "", says: `ended with ${code}: ${err}` });
  if (results.length !== answers.length) found.push({ url: "", says: `looked at ${results.length} answers of ${answers.length}` });
  return { name: `${name}: x402conf resource --fail-on-error`, looked: answers.length, found };
}
