// How much the page weighs: what is answered, and the two files beside it, raw and as they travel.

import { createHash } from "node:crypto";
import { get } from "node:http";
import { gunzipSync } from "node:zlib";

import { must } from "../purchase.mjs";
import { NAVIGATION } from "./when.mjs";

/** In bytes. The document, script and style together, and the whole answer; a viewer-request answer may have 40,960:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge */
const [DOCUMENT, RAW, GZIPPED, ANSWER] = [6_000, 45_000, 16_000, 40_000];

/** An answer as it comes, undecoded. */
export const fetched = (url, headers = {}) => new Promise((resolve, reject) => {
  get(url, { headers, agent: false }, async (answer) => {
    const body = Buffer.concat(await answer.toArray());
    resolve({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, body });
  }).on("error", reject);
});

const sri = (bytes) => `sha256-${createHash("sha256").update(bytes).digest("base64")}`;

/** Weighs the page at `url`, and holds it to its budgets. */
export async function sizes(url) {
  const answer = await fetched(url, NAVIGATION);
  const html = answer.body.toString();
  const head = answer.raw.reduce((sum, text) => sum + text.length + 2, 0);
  const parts = {};
  for (const [what, pattern] of [["style", /<link rel="stylesheet" href="([^"]+)" integrity="([^"]+)"/], ["script", /<script defer src="([^"]+)" integrity="([^"]+)"/]]) {
    const [, path, integrity] = pattern.exec(html) ?? [];
    must(path, `there is no ${what} in the document`);
    const file = await fetched(new URL(path, url));
    must(file.status === 200, `${path} is answered ${file.status}`);
    must(file.headers["content-encoding"] === "gzip", `${path} travels as it is: ${file.headers["content-encoding"]}`);
    must(/immutable/.test(file.headers["cache-control"]), `${path} is not kept for ever: ${file.headers["cache-control"]}`);
    const plain = gunzipSync(file.body);
    must(sri(plain) === integrity, `${path} is not what the document says: ${integrity}`);
    must(what !== "script" || html.includes(`script-src &#39;${integrity}&#39;`) || html.includes(`script-src '${integrity}'`), "the policy allows another script");
    parts[what] = { raw: plain.length, gzipped: file.body.length };
  }
  const raw = parts.script.raw + parts.style.raw;
  const gzipped = parts.script.gzipped + parts.style.gzipped;
  must(answer.body.length <= DOCUMENT, `the document has ${answer.body.length} bytes, over ${DOCUMENT}`);
  must(raw <= RAW && gzipped <= GZIPPED, `script and style have ${raw} bytes, ${gzipped} gzipped, over ${RAW} and ${GZIPPED}`);
  must(head + answer.body.length < ANSWER, `the answer has ${head + answer.body.length} bytes`);
  return `document ${answer.body.length} of ${DOCUMENT}, headers ${head}; script ${parts.script.raw} (${parts.script.gzipped} gzipped), style ${parts.style.raw} (${parts.style.gzipped}); `
    + `both ${raw} of ${RAW}, gzipped ${gzipped} of ${GZIPPED}`;
}
