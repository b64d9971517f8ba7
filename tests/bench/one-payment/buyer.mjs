// A buyer by hand: signs once, sends as often and from where a row wants.

import { request } from "node:http";

import { sign } from "../payment.mjs";
import { sleep } from "../process.mjs";
import { challenge, must } from "../purchase.mjs";
import { bytes } from "./sites.mjs";

/** Signs a payment of `payer` for what is sold at `url`; `options` as `sign` has them. */
export async function payment(url, payer, options = {}) {
  const terms = { challenge: await challenge(url), wire: "v2", from: payer.address, key: payer.key, seconds: 300 };
  return sign({ ...terms, ...options });
}

/** An address of another network than this machine's own: another /24. */
export const ELSEWHERE = "127.1.0.1";

/**
 * Asks for `url` with a payment, from an address; `headers` come besides. Gives the status, the code of
 * what is not the object, and the headers.
 */
export function send(url, sent = null, { from, headers = {} } = {}) {
  const pay = sent ? { [sent.name]: sent.value } : {};
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, localAddress: from, headers: { ...pay, ...headers }, timeout: 40_000 });
    asked.on("error", reject).on("timeout", () => asked.destroy(new Error(`${url} did not answer in 40 s`)));
    asked.on("response", async (response) => {
      try {
        const text = (await response.setEncoding("utf8").toArray()).join("");
        resolve({ status: response.statusCode, headers: response.headers, text, ...told(url, response.statusCode, text) });
      } catch (error) {
        reject(error);
      }
    });
    asked.end();
  });
}

/** `code` is what it was refused with; `short` is for people. */
function told(url, status, text) {
  if (status === 200) {
    const key = new URL(url).pathname.slice(1) || "index.html";
    must(text === bytes(key), `${url} gave other bytes: ${text.slice(0, 80)}`);
    return { code: null, short: "200" };
  }
  let code = "no code";
  try {
    const json = JSON.parse(text);
    code = json.paywall?.code ?? json.error ?? code;
  } catch {
    code = text.slice(0, 60);
  }
  return { code, short: `${status} ${code}` };
}

/** Sends the same payment every second while the answer is 503, at most `seconds` long. Gives all answers. */
export async function insist(url, sent, { seconds, ...how } = {}) {
  const until = Date.now() + seconds * 1000;
  const answers = [await send(url, sent, how)];
  while (answers.at(-1).status === 503 && Date.now() < until) {
    await sleep(1_000);
    answers.push(await send(url, sent, how));
  }
  return answers;
}

/** Sends the same payment so often, a second apart, whatever comes. */
export async function repeat(url, sent, times, how = {}) {
  const answers = [];
  for (let nth = 0; nth < times; nth++) {
    if (nth > 0) await sleep(1_000);
    answers.push(await send(url, sent, how));
  }
  return answers;
}

/** Answers in a line, equal neighbours counted. */
export function brief(answers) {
  const runs = [];
  for (const { short } of answers) {
    if (runs.at(-1)?.short === short) runs.at(-1).times += 1;
    else runs.push({ short, times: 1 });
  }
  return runs.map(({ short, times }) => (times > 1 ? `${times} x ${short}` : short)).join(", ");
}

/** A browser's cookies of one origin: of one name and path there is one, and the newest wins. */
export class Jar {
  #cookies = new Map();

  /** Takes what an answer sets. `Secure` is taken for granted: the real site is https. */
  take({ headers }) {
    for (const line of headers["set-cookie"] ?? []) {
      const [pair, ...attributes] = line.split(";").map((part) => part.trim());
      const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) || "/";
      this.#cookies.set(`${name} ${path}`, { name, value, path });
    }
  }

  /** The header for a URL: https://datatracker.ietf.org/doc/html/rfc6265#section-5.4 */
  headers(url) {
    const { pathname } = new URL(url);
    const fits = ({ path }) => pathname === path || (pathname.startsWith(path) && (path.endsWith("/") || pathname[path.length] === "/"));
    const cookies = [...this.#cookies.values()].filter(fits).map(({ name, value }) => `${name}=${value}`);
    return cookies.length > 0 ? { cookie: cookies.join("; ") } : {};
  }
}
