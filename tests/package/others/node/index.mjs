// A seller as it is written in an afternoon, to compare with: what a lean Node function costs, without a
// package and without `fetch`. It does what ../python/index.py does.

import http from "node:http";

const FACILITATOR = new URL(process.env.X402_FACILITATOR);
const URL_OF_SITE = "https://shop.example";
const PRICED = { "/reports/2026/market.json": "10000" };
const CODES = { 402: "Payment Required", 503: "Service Unavailable" };
const agent = new http.Agent({ keepAlive: true });
const used = new Set();

const terms = (uri) => ({
  scheme: "exact",
  network: "eip155:84532",
  amount: PRICED[uri],
  asset: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
  payTo: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  maxTimeoutSeconds: 60,
  extra: { name: "USDC", version: "2" },
});

function refuse(uri, error, status = 402) {
  const offer = terms(uri);
  const { scheme, asset, payTo, maxTimeoutSeconds, extra } = offer;
  const resource = URL_OF_SITE + uri;
  const v1 = {
    scheme, asset, payTo, maxTimeoutSeconds, extra, resource,
    network: "base-sepolia",
    maxAmountRequired: offer.amount,
    description: "Container freight rates, North Sea ports",
    mimeType: "application/json",
  };
  const v2 = { x402Version: 2, error, resource: { url: resource }, accepts: [offer] };
  const required = Buffer.from(JSON.stringify(v2)).toString("base64");
  const headers = {
    "Cache-Control": "no-store",
    "Content-Type": "application/json",
    "Payment-Required": required,
    "X-Payment-Required": required,
  };
  return {
    status: `${status}`,
    statusDescription: CODES[status],
    headers: Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]),
    ),
    body: JSON.stringify({ x402Version: 1, error, accepts: [v1] }),
  };
}

const settle = (payment, offer) => new Promise((resolve, reject) => {
  const body = JSON.stringify({ x402Version: 2, paymentPayload: payment, paymentRequirements: offer });
  const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
  const { hostname, port } = FACILITATOR;
  const options = { hostname, port, path: "/settle", method: "POST", headers, agent, timeout: 25_000 };
  const request = http.request(options, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (piece) => { text += piece; }).on("error", reject);
    answer.on("end", () => { try { resolve(JSON.parse(text)); } catch (error) { reject(error); } });
  });
  request.on("error", reject).on("timeout", () => request.destroy(new Error("timeout")));
  request.end(body);
});

export async function handler(event) {
  const { request } = event.Records[0].cf;
  const { uri, headers } = request;
  if (!(uri in PRICED)) return request;
  if (!headers["payment-signature"]) return refuse(uri, "payment_required");
  let payment, nonce;
  try {
    payment = JSON.parse(Buffer.from(headers["payment-signature"][0].value, "base64"));
    nonce = payment.payload.authorization.nonce;
  } catch {
    return refuse(uri, "invalid_payload");
  }
  const offer = terms(uri);
  const same = ["scheme", "network", "amount", "asset", "payTo"].every((name) => payment.accepted?.[name] === offer[name]);
  if (!same) return refuse(uri, "invalid_payment_requirements");
  if (used.has(nonce)) return refuse(uri, "payment_already_used");
  let answer;
  try {
    answer = await settle(payment, offer);
  } catch {
    return refuse(uri, "settlement_unknown", 503);
  }
  if (!answer.success) return refuse(uri, answer.errorReason ?? "unexpected_error");
  used.add(nonce);
  return request;
}
