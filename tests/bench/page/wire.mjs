// The wire between a browser and the shop: it can be slow, and it can be cut.

import { connect, createServer } from "node:net";

/** Lays one to `port`. `slow` lets so many bytes a second come; `cut` breaks what is open and refuses more, until `mend`. */
export async function layWire(port) {
  const open = new Set();
  let broken = false;
  let pace = Infinity;
  const server = createServer((near) => {
    if (broken) return near.destroy();
    const far = connect(port, "127.0.0.1");
    const end = () => {
      near.destroy();
      far.destroy();
      open.delete(end);
    };
    open.add(end);
    for (const side of [near, far]) side.on("error", end).on("close", end);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      near.write(bytes);
      if (pace === Infinity) return;
      far.pause();
      setTimeout(() => far.resume(), (bytes.length / pace) * 1000);
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const cut = () => {
    broken = true;
    for (const end of open) end();
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    slow: (bytes) => (pace = bytes),
    cut,
    mend: () => (broken = false),
    stop: () => {
      cut();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
