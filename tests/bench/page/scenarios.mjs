// All that people live through at the page: `{ name, engines, play }`; `play` is given a place and tells what it saw.

import { big } from "./scenarios/big.mjs";
import { finding } from "./scenarios/finding.mjs";
import { hostile } from "./scenarios/hostile.mjs";
import { outcomes } from "./scenarios/outcomes.mjs";
import { purchases } from "./scenarios/purchases.mjs";
import { returns } from "./scenarios/returns.mjs";
import { signing } from "./scenarios/signing.mjs";

const BOTH = ["Chromium", "Firefox"];

/** Those of `inBoth` are played in both browsers, the others in Chromium. */
const of = ({ inBoth = {}, inChromium = {} }) => [
  ...Object.entries(inBoth).map(([name, play]) => ({ name, engines: BOTH, play })),
  ...Object.entries(inChromium).map(([name, play]) => ({ name, engines: ["Chromium"], play })),
];

export const scenarios = [purchases, returns, signing, finding, outcomes, big, hostile].flatMap(of);
