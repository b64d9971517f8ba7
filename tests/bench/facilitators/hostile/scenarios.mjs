// What can go wrong between a `/settle` and its answer. Each scenario says what becomes of the money
// and of the buyer: `charged` and `served`, in the end, when everybody came back often enough. One that
// `contradicts` answers so that its answer speaks against the payment's being this seller's.

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const forever = () => new Promise(() => {});

/** Nobody pays and nobody is served: nothing was ever submitted. */
const nothing = { charged: 0, served: false };
/** Paid once, and served. */
const sold = { charged: 1, served: true };

/** Sends raw bytes in place of an HTTP answer, and closes. */
const raw = (response, bytes) => response.socket.end(bytes);
const html = (response, status, text) => {
  response.writeHead(status, { "content-type": "text/html" });
  response.end(`<html><body><h1>${text}</h1></body></html>`);
};
/** The good answer with something changed. */
const changed = (change) => ({
  ...sold,
  settle: async ({ settle, answer }) => answer(200, { ...(await settle()), ...change }),
});
/** Wrong the first time only. */
const once = (first) => (call) => (call.nth === 1 ? first(call) : honest(call));
const honest = async ({ settle, answer }) => answer(200, await settle());

export const scenarios = {
  "goes well": { ...sold, settle: honest },
  "settles, then never answers": {
    ...sold,
    settle: async ({ settle }) => {
      await settle();
      await forever();
    },
  },
  "never answers, and does not settle": { ...nothing, settle: forever },
  "does not settle and does not answer, once": { ...sold, settle: once(forever) },
  "settles after everybody gave up": {
    ...sold,
    settle: async ({ nth, settle, answer }) => {
      if (nth === 1) await sleep(8_000);
      answer(200, await settle());
    },
  },
  "settles, then 502": {
    ...sold,
    settle: async ({ settle, response }) => {
      await settle();
      html(response, 502, "Bad Gateway");
    },
  },
  "settles, then 500 with JSON": {
    ...sold,
    contradicts: true,
    settle: async ({ settle, answer }) => {
      await settle();
      answer(500, { error: "unexpected_error" });
    },
  },
  "HTML with 503, and does not settle": {
    ...nothing,
    settle: ({ response }) => html(response, 503, "Service Unavailable"),
  },
  "resets the connection before settling, once": {
    ...sold,
    settle: once(({ response }) => response.socket.resetAndDestroy()),
  },
  "settles, then resets the connection": {
    ...sold,
    settle: async ({ settle, response }) => {
      await settle();
      response.socket.resetAndDestroy();
    },
  },
  "settles, then answers a byte every 200 ms": {
    ...sold,
    settle: async ({ settle, response }) => {
      const body = JSON.stringify(await settle());
      response.writeHead(200, { "content-type": "application/json" });
      for (const byte of body) {
        if (response.destroyed) return;
        response.write(byte);
        await sleep(200);
      }
      response.end();
    },
  },
  "settles, then answers what is not HTTP": {
    ...sold,
    settle: async ({ settle, response }) => {
      await settle();
      raw(response, Buffer.from([0, 255, 13, 10, 7, 7, 7]));
    },
  },
  "settles, then answers half of its JSON": {
    ...sold,
    settle: async ({ settle, response }) => {
      const body = JSON.stringify(await settle());
      raw(response, `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, body.length / 2)}`);
    },
  },
  "settles, then answers nothing at all with 200": {
    ...sold,
    contradicts: true,
    settle: async ({ settle, response }) => {
      await settle();
      response.writeHead(200, { "content-type": "application/json" });
      response.end();
    },
  },
  "settles, then answers 5 MB": {
    ...sold,
    settle: async ({ settle, answer }) => answer(200, { padding: "x".repeat(5_000_000), ...(await settle()) }),
  },
  "settles, then answers JSON nested 100,000 deep": {
    ...sold,
    settle: async ({ settle, response }) => {
      await settle();
      response.writeHead(200, { "content-type": "application/json" });
      response.end("[".repeat(100_000));
    },
  },
  "settles, then says success: false": {
    ...sold,
    contradicts: true,
    settle: async ({ settle, answer }) => {
      await settle();
      answer(200, { success: false });
    },
  },
  'settles, then says success: "true"': { ...changed({ success: "true" }), contradicts: true },
  "pending, then settled": {
    ...sold,
    settle: async ({ nth, settle, answer }) => {
      const { transaction, network } = await settle();
      const pending = { success: false, errorReason: "settlement_pending", transaction, network };
      answer(nth === 1 ? 500 : 200, nth === 1 ? pending : { success: true, transaction, network });
    },
  },
  "pending, then failed": {
    ...nothing,
    settle: ({ nth, answer }) => {
      const errorReason = nth === 1 ? "settlement_pending" : "invalid_transaction_state";
      answer(200, { success: false, errorReason, transaction: `0x${"ab".repeat(32)}`, network: "eip155:84532" });
    },
  },
  "settled, and pending for ever": {
    ...sold,
    settle: async ({ settle, answer }) => {
      const { transaction, network } = await settle();
      answer(500, { success: false, errorReason: "settlement_pending", transaction, network });
    },
  },
  "redirects to one that settles": {
    ...nothing,
    settle: ({ response }) => {
      response.writeHead(307, { location: "/elsewhere/settle" });
      response.end();
    },
  },
  "settles, and names another network": changed({ network: "eip155:1" }),
  "settles, and names another payer": changed({ payer: `0x${"11".repeat(20)}` }),
  "settles, and names another amount": changed({ amount: "1" }),
  "settles, and gives another payment's receipt": changed({
    transaction: `0x${"cd".repeat(32)}`,
    payer: `0x${"22".repeat(20)}`,
  }),
  "wants a login": { ...nothing, settle: ({ answer }) => answer(401, { error: "unauthorized" }) },
  "has too many customers, once": {
    ...sold,
    settle: once(({ response }) => html(response, 429, "Too Many Requests")),
  },
  "takes seven seconds, with blocks every two": {
    ...sold,
    slow: true,
    settle: async ({ settle, answer }) => {
      const [json] = await Promise.all([settle(), sleep(7_000)]);
      answer(200, json);
    },
  },
  "has a certificate for another name": { ...nothing, tls: true, settle: honest },
};
