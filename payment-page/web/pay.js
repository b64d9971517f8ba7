// @ts-check
/** Sends a payment, and sends the same one again while its outcome is not known. */
import {ANSWER_MS, serverNow, sleep, within} from './clock.js';
import {request, timeOf} from './terms.js';
import {dropNote, forget, keep, leaveNote} from './keep.js';
import {doubtAfter, isRefusal, refusalKind, waitSeconds} from './verdict.js';

/**
 * What became of a payment. `doubt` is a refusal after a try that may have gone through, `used` one after the file was
 * opened; `ended` is the time that is over without an outcome, with no code if there was no answer.
 * @typedef {{kind: 'open', answer: Response} | {kind: 'refused' | 'doubt' | 'used', paywall: import('./verdict.js').Paywall} | {kind: 'ended', code: string}} Outcome
 */

/** The same payment opens the file again for so many seconds after it was settled: RESEND_SECONDS of paywall-core/src/limits.rs. */
const REOPENS_SECONDS = 120;

/** A site may hold a payment for so many seconds after it could be used. */
const MOST_SECONDS = 86_400;

/** Waits, and tells how long; by the clock, since timers of a tab that nobody sees are rare. @param {number} seconds @param {(left: number) => void} tick */
async function pause(seconds, tick) {
  const end = performance.now() + seconds * 1000;
  for (let left = seconds; left > 0; left = (end - performance.now()) / 1000) {
    tick(left);
    await sleep(1000);
  }
}

/**
 * @param {import('./keep.js').Kept} kept @param {(code: string) => void} waiting once for each reason to wait
 * @param {(left: number) => void} tick seconds; 0 while it is sent @returns {Promise<Outcome>}
 */
export async function settle(kept, waiting, tick) {
  let reason_;
  for (let tries = 0; ; tries += 1) {
    // After its time one try more: the site knows by then what became of it.
    const last = serverNow() >= kept.until;
    const {doubt, paid, nonce} = kept;
    let code = '';
    let retryAfter = null;
    // Before it is sent: whatever happens now, it may have gone through.
    kept.doubt = true;
    keep(kept);
    if (!paid) leaveNote('sent', nonce, kept.until);
    tick(0);
    try {
      // The head must come in time; the file may take long.
      const answer = await within(ANSWER_MS, request({headers: {'PAYMENT-SIGNATURE': kept.header}}));
      timeOf(answer);
      if (answer.ok) {
        kept.paid ||= serverNow();
        kept.until = Math.max(kept.before, kept.paid + REOPENS_SECONDS);
        keep(kept);
        leaveNote('paid', nonce);
        return {kind: 'open', answer};
      }
      const paywall = (await within(ANSWER_MS, answer.json()).catch(() => ({})))?.paywall;
      if (isRefusal(paywall)) {
        const kind = refusalKind({paid, doubt}, paywall.code);
        // One that opened the file may do so again from where it did.
        if (kind === 'refused') {
          forget();
          dropNote(nonce);
        }
        return {kind, paywall};
      }
      code = String(paywall?.code ?? `HTTP ${answer.status}`);
      retryAfter = answer.headers.get('Retry-After');
      kept.doubt = doubtAfter(doubt, code);
      // What is no time, or none that a payment can have, is no reason to send it for ever.
      if (paywall?.until < kept.before + MOST_SECONDS) kept.until = Math.max(kept.until, paywall.until);
      keep(kept);
    } catch {
      // There was no answer, or half of one.
    }
    if (last) {
      if (!paid) leaveNote('sent', nonce);
      return {kind: 'ended', code};
    }
    if (code !== reason_) waiting(code);
    reason_ = code;
    await pause(Math.max(1, Math.min(waitSeconds(tries, retryAfter), kept.until - serverNow() + 1)), tick);
  }
}
