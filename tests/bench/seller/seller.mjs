// The seller: `edge-local` with the function that is deployed.

import { serve } from "../process.mjs";

const ROOT = new URL("../../..", import.meta.url).pathname;

/**
 * Starts it before a facilitator, in the content's folder. `rpc` is a node of the chain that it may look
 * at; `seconds` is its function's time limit: 30 s is what a deployment asks AWS for, and 5 s what it
 * falls back to. `content` is the folder that it serves, and `store` where it remembers payments, with
 * credentials in `env`; `keep` is how much of its log is kept. `listen` is for a shop whose documents name its URL. `url` is where it sells.
 */
export async function startSeller({
  edgeLocal, executable, facilitator, sandboxes, rpc, seconds = 30,
  content = "content-config/sample/content", store = "memory", env: more = {}, listen = "127.0.0.1:0", keep = 20_000,
}) {
  const args = [
    "--listen", listen, "--facilitator", facilitator, "--function", executable,
    "--content", content, "--sandboxes", `${sandboxes}`, "--timeout", `${seconds}`,
    "--store", store, ...(rpc ? ["--rpc", rpc] : []),
  ];
  const env = { NO_COLOR: "1", CONTENT_CONFIG: undefined, ...more };
  const seller = await serve(edgeLocal, args, /local CloudFront\s+(http:\S+)/, { cwd: ROOT, env, keep });
  return { url: seller.ready, log: seller.said, stop: seller.stop, pid: seller.child.pid };
}
