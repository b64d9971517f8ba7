// A facilitator that goes wrong in one way, in front of one that is good:
// `server.mjs GOOD_URL SCENARIO [CERTIFICATE KEY]`. All but `/settle` passes through.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

import { scenarios } from "./scenarios.mjs";

const [good, name, certificate, key] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name}`);

const calls = { verify: 0, settle: 0, elsewhere: 0 };
/** The connections that a `/settle` came by. */
const connections = new Set();

/** The good facilitator's answer, as `{ status, json }`. */
async function forward(path, text) {
  const response = await fetch(good + path, {
    method: text ? "POST" : "GET",
    headers: { "content-type": "application/json" },
    body: text || undefined,
  });
  return { status: response.status, json: await response.json() };
}

async function handle(request, response) {
  const text = (await request.toArray()).join("");
  const answer = (status, json) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(json));
  };
  switch (`${request.method} ${request.url}`) {
    case "GET /calls":
      return answer(200, { ...calls, connections: connections.size });
    case "POST /elsewhere/settle":
      calls.elsewhere += 1;
      return answer(...Object.values(await forward("/settle", text)));
    case "POST /settle": {
      calls.settle += 1;
      connections.add(request.socket);
      const settle = () => forward("/settle", text).then(({ json }) => json);
      return scenario.settle({ nth: calls.settle, settle, text, answer, request, response });
    }
    default: {
      if (request.url === "/verify") calls.verify += 1;
      const { status, json } = await forward(request.url, text);
      return answer(status, json);
    }
  }
}

const listener = (request, response) =>
  handle(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
const server = certificate
  ? createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, listener)
  : createServer(listener);
// Longer than a buyer pauses, so that a connection can be used again.
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(`${certificate ? "https" : "http"}://127.0.0.1:${server.address().port}`);
});
