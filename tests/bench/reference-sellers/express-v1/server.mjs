// The reference seller of v1, as its README has it: `server.mjs FACILITATOR PAYEE`.

import express from "express";
import { paymentMiddleware } from "x402-express";

import { GOODS, serveSeller } from "../serve.mjs";

const [facilitator, payTo] = process.argv.slice(2);
const config = { description: "Rates", mimeType: "application/json" };
const route = (path) => [`GET ${path}`, { price: "$0.01", network: "base-sepolia", config }];
serveSeller(express, paymentMiddleware(payTo, Object.fromEntries(Object.keys(GOODS).map(route)), { url: facilitator }));
