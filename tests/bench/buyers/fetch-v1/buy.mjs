// Pays with x402-fetch: `buy.mjs URL KEY`.

import { privateKeyToAccount } from "viem/accounts";
import { wrapFetchWithPayment } from "x402-fetch";

import { tellResponse } from "../told.mjs";

const [url, key] = process.argv.slice(2);
const pay = wrapFetchWithPayment(fetch, privateKeyToAccount(key));
await tellResponse(await pay(url));
