// The reference seller of v2, as its README has it: `server.mjs FACILITATOR PAYEE`.

import { HTTPFacilitatorClient } from "@x402/core/server";
import { ExactEvmScheme } from "@x402/evm/exact/server";
import { paymentMiddleware, x402ResourceServer } from "@x402/express";
import express from "express";

import { GOODS, serveSeller } from "../serve.mjs";

const [facilitator, payTo] = process.argv.slice(2);
const client = new HTTPFacilitatorClient({ url: facilitator });
const server = new x402ResourceServer(client).register("eip155:84532", new ExactEvmScheme());
const accepts = { scheme: "exact", price: "$0.01", network: "eip155:84532", payTo };
const route = (path) => [`GET ${path}`, { accepts, description: "Rates", mimeType: "application/json" }];
serveSeller(express, paymentMiddleware(Object.fromEntries(Object.keys(GOODS).map(route)), server));
