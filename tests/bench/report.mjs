// What happened: a table for people, JSON for programs, in the folder that it is given.

import { mkdir, writeFile } from "node:fs/promises";

import { Wrong } from "./purchase.mjs";

export class Report {
  constructor(folder) {
    this.folder = folder;
    this.rows = [];
    this.logs = "";
  }

  /** Does one thing, and writes down how it went. `row` is `{ what, stall, wire, buys }`. */
  async row(row, work) {
    const started = performance.now();
    try {
      const result = await work();
      this.#add({ ...row, outcome: row.buys ? "paid" : "ok", ...result }, started);
    } catch (error) {
      const why = error instanceof Wrong ? error.message : error.stack;
      this.#add({ ...row, outcome: "WRONG", why, ...error.result }, started);
    }
  }

  /** Something that could not be tried. */
  missing(row) {
    this.#add({ ...row, outcome: "missing" }, performance.now());
  }

  /** The bench itself failed. */
  broken(error) {
    this.#add({ what: "the bench", outcome: "WRONG", why: error.stack }, performance.now());
  }

  #add(row, started) {
    this.rows.push({ ...row, milliseconds: Math.round(performance.now() - started) });
    const { outcome, what, wire, stall, why } = this.rows.at(-1);
    console.log([outcome.padEnd(8), what, wire, stall && `at ${stall}`].filter(Boolean).join("  "));
    if (why) console.log(why.replace(/^/gm, "         "));
  }

  /** Writes the files and prints the table. The exit code: 1 if anything went wrong or was left out. */
  async finish({ allowMissing }) {
    const count = (outcome) => this.rows.filter((row) => row.outcome === outcome).length;
    const [wrong, missing] = [count("WRONG"), count("missing")];
    const markdown = this.#markdown(
      `${count("paid")} purchases paid, ${count("ok")} other checks held, ${wrong} wrong, ${missing} missing.`,
    );
    await mkdir(this.folder, { recursive: true });
    const json = JSON.stringify(this.rows, (_, value) => (typeof value === "bigint" ? `${value}` : value), 1);
    await writeFile(`${this.folder}/bench.json`, `${json}\n`);
    await writeFile(`${this.folder}/bench.md`, markdown);
    await writeFile(`${this.folder}/sellers.log`, this.logs);
    console.log(`\n${markdown}`);
    return wrong > 0 || this.rows.length === 0 || (missing > 0 && !allowMissing) ? 1 : 0;
  }

  #markdown(summary) {
    const purchases = this.rows.filter((row) => row.buys);
    const stalls = [...new Set(purchases.map((row) => row.stall))];
    const names = [...new Set(purchases.map((row) => `${row.what}|${row.wire}`))];
    const cell = (name, stall) =>
      purchases.find((row) => `${row.what}|${row.wire}` === name && row.stall === stall)?.outcome ?? "";
    const matrix = names.map((name) => [...name.split("|"), ...stalls.map((stall) => cell(name, stall))]);
    const checks = this.rows.filter((row) => !row.buys);
    return [
      "# Buyers by facilitator",
      "",
      "`paid`: the exact bytes for exactly the price, once, with a receipt that the chain confirms.",
      "",
      table(["Buyer", "Wire", ...stalls], matrix),
      "",
      `Refused \`extra.paymentFlow: "upfront"\`: ${refusedUpfront(purchases).join(", ") || "nobody"}.`,
      "",
      table(["Check", "Wire", "At", "Outcome"], checks.map((row) => [row.what, row.wire ?? "", row.stall ?? "", row.outcome])),
      "",
      summary,
      "",
    ].join("\n");
  }
}

/** Clients that gave the flow as their reason, in their own words. */
function refusedUpfront(purchases) {
  const refusals = purchases.filter(({ why }) => /payment.?flow|upfront/i.test(why ?? ""));
  return [...new Set(refusals.map((row) => row.what))];
}

/** A Markdown table that can be read as it is. */
function table(head, rows) {
  const widths = head.map((title, at) => Math.max(...[title, ...rows.map((row) => row[at])].map((text) => text.length)));
  const line = (cells) => `| ${cells.map((text, at) => text.padEnd(widths[at])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
