// The seller: `edge-local` with the function that is deployed.

import { serve } from "../process.mjs";

const ROOT = new URL("../../..", import.meta.url).pathname;

/** Starts it before a facilitator, in the content's folder. `url` is where it sells. */
export async function startSeller({ edgeLocal, executable, facilitator, sandboxes }) {
  const args = [
    "--listen", "127.0.0.1:0", "--facilitator", facilitator, "--function", executable,
    "--content", "content-config/sample/content",
    "--sandboxes", `${sandboxes}`,
    // What a deployment asks AWS for; the default, 5 s, is what it falls back to.
    "--timeout", "30",
  ];
  const env = { NO_COLOR: "1", CONTENT_CONFIG: undefined };
  const seller = await serve(edgeLocal, args, /edge-local\s+(http:\S+)/, { cwd: ROOT, env });
  return { url: seller.ready, log: seller.said, stop: seller.stop };
}
