// Servers of this process: on loopback, on a free port or a named one, stopped when their row is over.

import { createServer } from "node:http";

/** Serves until `stop`. What `handle` throws breaks the connection. */
export async function listen(handle, port = 0) {
  const server = createServer((request, response) =>
    handle(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    }),
  );
  // Longer than a buyer pauses, so that a connection can be used again.
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
