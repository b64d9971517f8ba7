// Purchases by other people's libraries, as the matrix makes them.

import { run } from "../process.mjs";
import { must } from "../purchase.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

/** Buys the object of a key with the program of `folder`. Gives the body of /settle that it cost. */
export async function bought({ seller, bazaar, buyer }, key, folder) {
  const { code, out, err } = await run(process.execPath, [here(`../buyers/${folder}/buy.mjs`), `${seller.url}/${key}`, buyer.key]);
  must(code === 0 && JSON.parse(out).status === 200, `${folder} cannot buy ${key}: ${out}${err}`);
  return bazaar.settled.at(-1);
}
