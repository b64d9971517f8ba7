// What every buyer prints: the answer's status, its body's SHA-256 and its receipts, as one line of JSON.

import { createHash } from "node:crypto";

const RECEIPTS = ["payment-response", "x-payment-response"];

/** `header` gives a header's value by lower-case name; `body` is bytes or text. */
export function tell(status, header, body) {
  const bytes = Buffer.from(body);
  const headers = RECEIPTS.map((name) => [name, header(name)]).filter(([, value]) => value);
  console.log(JSON.stringify({
    status,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    headers: Object.fromEntries(headers),
    text: bytes.toString().slice(0, 400),
  }));
}

/** The same for an answer of `fetch`. */
export async function tellResponse(response) {
  tell(response.status, (name) => response.headers.get(name), await response.arrayBuffer());
}
