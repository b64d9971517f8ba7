// The page's script as it is written: types by `tsc --strict`.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { run } from "../process.mjs";
import { must } from "../purchase.mjs";

/** Type-checks the modules in the folder `web`. */
export async function types(web) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const done = await run(process.execPath, [tsc, "--project", join(web, "tsconfig.json"), "--noEmit", "--strict", "--checkJs", "--allowJs"], { seconds: 120 });
  must(done.code === 0, (done.out || done.err).trim().slice(0, 3000));
  return "tsc --checkJs --strict finds nothing";
}
