// Pays with @x402/axios: `buy.mjs URL KEY`.

import { wrapAxiosWithPaymentFromConfig } from "@x402/axios";
import { ExactEvmScheme } from "@x402/evm";
import axios from "axios";
import { privateKeyToAccount } from "viem/accounts";

import { tell } from "../told.mjs";

const [url, key] = process.argv.slice(2);
const client = new ExactEvmScheme(privateKeyToAccount(key));
const http = axios.create({ responseType: "arraybuffer" });
const api = wrapAxiosWithPaymentFromConfig(http, { schemes: [{ network: "eip155:84532", client }] });
const answer = await api.get(url).catch((error) => error.response ?? Promise.reject(error));
tell(answer.status, (name) => answer.headers[name], answer.data);
