// Pays with x402-axios: `buy.mjs URL KEY`.

import axios from "axios";
import { privateKeyToAccount } from "viem/accounts";
import { withPaymentInterceptor } from "x402-axios";

import { tell } from "../told.mjs";

const [url, key] = process.argv.slice(2);
// The library reads the 402 as JSON; the content stays the text that came.
const transformResponse = (text, _headers, status) => (status === 402 ? JSON.parse(text) : text);
const api = withPaymentInterceptor(axios.create({ transformResponse }), privateKeyToAccount(key));
const answer = await api.get(url).catch((error) => error.response ?? Promise.reject(error));
const body = typeof answer.data === "string" ? answer.data : JSON.stringify(answer.data);
tell(answer.status, (name) => answer.headers[name], body);
