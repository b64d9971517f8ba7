// A facilitator that does as the row says, in front of one that is good.

import { listen } from "./listen.mjs";
import { CDP_PATH } from "./sites.mjs";

/** What it does if a row says nothing: what the good one does. */
const honest = async ({ good, answer }) => {
  const { status, json } = await good();
  answer(status, json);
};

/**
 * Starts it before the facilitator at `good`, which may be left out where nothing real is settled. The
 * `settle` and `verify` of what it gives may be set at any time; each gets `{ nth, body, payer, nonce,
 * good, answer, raw, reset }`. `calls` counts requests; `redirected` those that came where a redirect
 * would lead.
 */
export async function startFacilitator(good, port) {
  const self = { settle: honest, verify: honest, calls: { verify: 0, settle: 0, redirected: 0 } };
  const server = await listen(async (request, response) => {
    const text = (await request.toArray()).join("");
    const path = request.url.startsWith(`${CDP_PATH}/`) ? request.url.slice(CDP_PATH.length) : request.url;
    const answer = (status, json, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(json));
    };
    const forward = async () => {
      const method = request.method;
      const headers = { "content-type": "application/json" };
      const got = await fetch(good + path, { method, headers, body: text || undefined });
      return { status: got.status, json: await got.json() };
    };
    if (path.startsWith("/elsewhere")) self.calls.redirected += 1;
    const what = { "/settle": "settle", "/verify": "verify" }[path];
    if (!what) {
      if (!good || path !== "/supported") return answer(404, { error: "not_found" });
      return honest({ good: forward, answer });
    }
    const nth = ++self.calls[what];
    const body = JSON.parse(text);
    const { from: payer, nonce } = body.paymentPayload.payload.authorization;
    return self[what]({
      nth, body, payer, nonce, answer,
      good: forward,
      raw: (status, type, bytes, headers = {}) => {
        response.writeHead(status, { "content-type": type, ...headers });
        response.end(bytes);
      },
      reset: () => response.socket.resetAndDestroy(),
    });
  }, port);
  return Object.assign(self, server);
}

/** Never answers. */
export const forever = () => new Promise(() => {});

/** A success that no chain knows of, for rows without a chain in them. */
export const pretended = ({ body, payer, nonce }) => ({
  success: true, transaction: nonce, network: body.paymentRequirements.network, payer,
});
