// The HTTP side of a seller: what is asked for it, and how, is its library's business.

/** What is for sale at each path, at one price. */
export const GOODS = {
  "/report.json": { title: "Container freight rates", rates: [1310, 1295, 1284, 1302, 1344, 1390] },
  "/other.json": { title: "Rail freight rates", rates: [812, 807, 799, 815, 820, 833] },
};

/** Sells behind `gate`, which asks for money first. Prints its URL when it is ready. */
export function serveSeller(express, gate) {
  const app = express();
  app.use(gate);
  for (const [path, content] of Object.entries(GOODS)) app.get(path, (_, response) => response.json(content));
  const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
}
