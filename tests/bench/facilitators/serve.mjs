// The HTTP side of a facilitator: what is verified and settled, and how, is its library's business.

import { createServer } from "node:http";

/**
 * Serves `/verify`, `/settle`, `/supported`, and `/calls`, which tells how many calls came.
 * Settles wait for each other, since they share an account and its transaction nonce; with `atOnce`
 * they do not.
 * Prints its URL when it is ready.
 */
export function serveFacilitator({ verify, settle, supported, atOnce = false }) {
  const calls = { verify: 0, settle: 0 };
  let last = Promise.resolve();
  const queued = (work) => (last = last.then(work, work));
  const routes = {
    "GET /calls": () => calls,
    "GET /supported": () => supported(),
    "POST /verify": (body) => (calls.verify++, verify(body)),
    "POST /settle": (body) => (calls.settle++, atOnce ? settle(body) : queued(() => settle(body))),
  };
  const server = createServer(async (request, response) => {
    const answer = (status, json) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(json));
    };
    const route = routes[`${request.method} ${request.url}`];
    if (!route) return answer(404, { error: "not_found" });
    try {
      const text = (await request.toArray()).join("");
      answer(200, await route(text && JSON.parse(text)));
    } catch (error) {
      console.error(error);
      answer(500, { error: "unexpected_error", message: String(error.message) });
    }
  });
  server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
}
