// Child processes: started, awaited within bounds, and stopped by pid whatever happens.

import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const running = new Set();
/** Makes a file for a running process; the shell that called ends what is left of them. */
const mark = (pid) => process.env.BENCH_PIDS && writeFileSync(join(process.env.BENCH_PIDS, `${pid}`), "");
const unmark = (pid) => process.env.BENCH_PIDS && rmSync(join(process.env.BENCH_PIDS, `${pid}`), { force: true });
mark(process.pid);

/** Starts a program. Of its output the last characters are kept, `keep` at most. */
function start(command, args, { env = {}, cwd, keep = 20_000 } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const started = { child, name: command.split("/").at(-1), out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (started.out = (started.out + text).slice(-keep)));
  child.stderr.setEncoding("utf8").on("data", (text) => (started.err = (started.err + text).slice(-keep)));
  if (child.pid) mark(child.pid);
  started.ended = new Promise((resolve) => {
    child.on("error", (error) => resolve({ error }));
    child.on("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    running.delete(started);
    unmark(child.pid);
  });
  running.add(started);
  return started;
}

/** Starts a server and waits for the line that `pattern` matches; its first group is `ready`. */
export async function serve(command, args, pattern, { seconds = 60, ...options } = {}) {
  const server = start(command, args, options);
  const matched = new Promise((resolve) => {
    server.child.stdout.on("data", () => pattern.test(server.out) && resolve(pattern.exec(server.out)));
  });
  const first = await within(seconds, Promise.race([matched, server.ended]));
  if (!Array.isArray(first)) {
    await stop(server);
    const why = first === LATE ? `not ready after ${seconds} s` : `ended: ${JSON.stringify(first)}`;
    throw new Error(`${server.name} ${args.join(" ")}: ${why}\n${server.out}${server.err}`);
  }
  return { ...server, ready: first[1], stop: () => stop(server), said: () => server.out + server.err };
}

/** Runs a program to its end, which is bounded. */
export async function run(command, args, { seconds = 60, ...options } = {}) {
  const program = start(command, args, options);
  const end = await within(seconds, program.ended);
  if (end === LATE) {
    await stop(program);
    return { code: null, out: program.out, err: `${program.err}\nno end after ${seconds} s` };
  }
  return { code: end.code ?? null, out: program.out, err: end.error ? String(end.error) : program.err };
}

/** Asks a process to end, and ends it 5 s later. */
async function stop(started) {
  if (!running.has(started)) return;
  started.child.kill("SIGTERM");
  if ((await within(5, started.ended)) !== LATE) return;
  started.child.kill("SIGKILL");
  await within(5, started.ended);
}

/** Stops all that runs, the newest first. */
export async function stopAll() {
  for (const started of [...running].reverse()) await stop(started);
}

export const LATE = Symbol("late");

/** What `promise` gives, or LATE. */
export async function within(seconds, promise) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, seconds * 1000, LATE)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Does `work`, and ends this program and all that it started: well, if it gives `true`. */
export async function conduct(work) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, async () => {
      await stopAll();
      process.exit(1);
    });
  }
  let fine = false;
  try {
    fine = await work();
  } catch (error) {
    console.error(error);
  } finally {
    await stopAll();
  }
  process.exit(fine ? 0 : 1);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Should this process end in any way that lets it speak.
process.on("exit", () => {
  for (const { child } of running) child.kill("SIGKILL");
  unmark(process.pid);
});
