// Who is answered with the page, and who with JSON: requests as programs and browsers send them. What browsers send was
// measured; what others call themselves, they publish:
// https://developers.facebook.com/docs/sharing/webmasters/web-crawlers, https://api.slack.com/robots,
// https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers

import { request } from "node:http";

import { decode, must } from "../purchase.mjs";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
const HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8";
const fetched = (dest, mode) => ({ "sec-fetch-dest": dest, "sec-fetch-mode": mode, "sec-fetch-site": "none" });

/** What a browser sends when somebody follows a link. */
export const NAVIGATION = { ...fetched("document", "navigate"), accept: HTML, "user-agent": CHROME };

/** What is sent, and whether the page comes. */
const ROWS = [
  ["a link that is followed", NAVIGATION, true],
  ["a page that is fetched in advance", { ...NAVIGATION, "sec-purpose": "prefetch;prerender" }, true],
  ["a browser on plain http", { accept: HTML, "user-agent": CHROME }, true],
  ["a browser by Mode alone, which has no Dest", { "sec-fetch-mode": "navigate", accept: HTML, "user-agent": CHROME }, false],
  ["a link to fetch in advance", { ...fetched("empty", "no-cors"), accept: HTML, "user-agent": CHROME }, false],
  ["a frame", { ...fetched("iframe", "navigate"), accept: HTML, "user-agent": CHROME }, false],
  ["an object", { ...fetched("object", "navigate"), accept: HTML, "user-agent": CHROME }, false],
  ["a picture", { ...fetched("image", "no-cors"), accept: "image/avif,image/webp,*/*;q=0.8", "user-agent": CHROME }, false],
  ["a page's script", { ...fetched("empty", "cors"), accept: "*/*", "user-agent": CHROME }, false],
  ["a page's script that wants HTML", { ...fetched("empty", "cors"), accept: "text/html", "user-agent": CHROME }, false],
  ["a navigation that wants JSON", { ...fetched("document", "navigate"), accept: "application/json", "user-agent": CHROME }, false],
  ["Node's fetch", { "sec-fetch-mode": "cors", accept: "*/*", "user-agent": "node" }, false],
  ["curl", { accept: "*/*", "user-agent": "curl/8.14.1" }, false],
  ["wget", { accept: "*/*", "user-agent": "Wget/1.25.0" }, false],
  ["Python's requests", { accept: "*/*", "user-agent": "python-requests/2.32.5" }, false],
  ["Python's urllib", { "user-agent": "Python-urllib/3.13" }, false],
  ["Java's HttpClient", { "user-agent": "Java-http-client/17.0.16" }, false],
  ["Java's HttpURLConnection", { accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "user-agent": "Java/17.0.16" }, false],
  ["who refuses HTML", { accept: "text/html;q=0, */*", "user-agent": CHROME }, false],
  ["who prefers JSON", { accept: "application/json, text/html;q=0.9", "user-agent": CHROME }, false],
  ["who takes anything", { accept: "*/*", "user-agent": CHROME }, false],
  ["a preview of WhatsApp", { accept: "text/html", "user-agent": "WhatsApp/2.23.20.0" }, false],
  ["a preview of Slack", { accept: "*/*", "user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)" }, false],
  ["a preview of Facebook", { accept: "text/html,*/*;q=0.1", "user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)" }, false],
  ["Googlebot", { accept: HTML, "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" }, true],
  ["nobody in particular", {}, false],
];

/** Asks with these headers and no others. */
const ask = (url, headers, method = "GET") => new Promise((resolve, reject) => {
  const asked = request(url, { method, agent: false }, async (answer) => {
    resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(await answer.toArray()).toString() });
  });
  for (const [name, value] of Object.entries(headers)) asked.setHeader(name, value);
  asked.on("error", reject).end();
});

/** All rows at a priced `url`. */
export async function when(url) {
  const wrong = [];
  for (const [who, headers, page] of ROWS) {
    const { status, headers: got, body } = await ask(url, headers);
    must(status === 402, `${who}: answered ${status}`);
    const type = got["content-type"].split(";")[0];
    if (type !== (page ? "text/html" : "application/json")) wrong.push(`${who} is answered with ${type}`);
    must(got["payment-required"], `${who}: there is no PAYMENT-REQUIRED`);
    must(got["cache-control"]?.includes("no-store"), `${who}: Cache-Control is ${got["cache-control"]}`);
    const vary = (got.vary ?? "").toLowerCase().split(/,\s*/);
    for (const name of ["accept", "sec-fetch-dest", "sec-fetch-mode", "user-agent"]) must(vary.includes(name), `${who}: Vary lacks ${name}: ${got.vary}`);
    const told = page && type === "text/html" ? block(body, "paywall") : JSON.parse(type === "text/html" ? "{}" : body).paywall;
    must(type !== "text/html" || told?.code === "payment_required", `${who}: the page bears no paywall object`);
    if (type === "text/html" && body.includes('id="terms"')) {
      must(JSON.stringify(block(body, "terms")) === JSON.stringify(decode(got["payment-required"])), `${who}: the page has other terms than the header`);
    }
  }
  must(wrong.length === 0, wrong.join("; "));
  const head = await ask(url, { accept: "*/*" }, "HEAD");
  must(head.status === 402 && head.headers["payment-required"] && head.body === "", "HEAD is answered otherwise");
  const post = await ask(url, NAVIGATION, "POST");
  must(!post.headers["content-type"]?.includes("text/html") || post.status === 403 || post.status === 405, `POST is answered ${post.status} with HTML`);
  return `${ROWS.length} kinds of requests, ${ROWS.filter(([, , page]) => page).length} of them with the page`;
}

const block = (html, id) => JSON.parse(new RegExp(`<script type="application/json" id="${id}">([^<]*)</script>`).exec(html)?.[1] ?? "null");
