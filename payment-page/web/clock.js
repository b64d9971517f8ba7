// @ts-check
/**
 * The server's time. A wallet's signature is good by it, and people's clocks are wrong.
 *
 * What has passed since is the larger of what two clocks say: one may be set while the page is open, the
 * other may stand still while the lid is closed. Too much only asks for the time again.
 */

/** The server's milliseconds, and both clocks when it said so. */
const known = {server: Date.now(), wall: Date.now(), run: performance.now()};

/** Notes what the server's clock says, `age` milliseconds ago. @param {number} seconds @param {number} [age] */
export function setClock(seconds, age = 0) {
  if (!(seconds > 0)) return;
  known.server = seconds * 1000;
  known.wall = Date.now() - age;
  known.run = performance.now() - age;
}

/** Milliseconds since the server said its time. */
export const clockAge = () => Math.max(0, Date.now() - known.wall, performance.now() - known.run);

/** The server's time, in seconds since 1970. */
export const serverNow = () => Math.floor((known.server + clockAge()) / 1000);

/** A second of the server's as people's clocks here show it. @param {number} second */
export const clockTime = second => new Date(Date.now() + (second - serverNow()) * 1000).toLocaleString([], {dateStyle: 'short', timeStyle: 'medium'});

/** So long an answer's head, or its next bytes, may take, in milliseconds; CloudFront waits 30 s for an origin. */
export const ANSWER_MS = 60_000;

/** @param {number} ms */
export const sleep = ms => new Promise(done => { setTimeout(done, ms); });

/** What a promise gives, if it does so in time. @template T @param {number} ms @param {Promise<T>} promise @param {unknown} [error] @returns {Promise<T>} */
export const within = (ms, promise, error) => Promise.race([promise, sleep(ms).then(() => Promise.reject(error))]);
