// @ts-check
/** Sends a payment, and sends the same one again while its outcome is not known. */
import { here } from './place.js';
import { serverNow } from './clock.js';
import { timeOf } from './terms.js';
import { dropNote, forget, keep, leaveNote } from './keep.js';
import { say } from './text.js';
import { words } from './words.js';

/** @typedef {import('./keep.js').Kept} Kept */
/** @typedef {{code: string, message: string, nextStep: string, resendSamePayment: boolean, until?: number, contact?: string}} Paywall */

/**
 * What became of a payment. `ended` is the time that is over without an outcome; `doubt` a refusal after a try that may
 * have gone through.
 * @typedef {{kind: 'open', answer: Response} | {kind: 'refused' | 'doubt' | 'used', paywall: Paywall} | {kind: 'ended', code: string}} Outcome
 */

/**
 * What `settle` tells while it works.
 * @typedef {object} Teller
 * @property {() => void} sending
 * @property {(code: string, lost: boolean) => void} waiting  Once for each reason.
 * @property {(seconds: number) => void} tick  0 while it is sent.
 */

/** So long an answer's head may take, in milliseconds; the function has 5 s, and CloudFront tries an origin for 30. */
const ANSWER_MS = 60_000;

/** The same payment opens the file again for so many seconds after it was settled: RESEND_SECONDS of paywall-core/src/limits.rs. */
export const REOPENS_SECONDS = 120;

/** So long after its end a payment is asked for by itself, at most, in seconds: NODE_RELEASE_SECONDS there. */
const MOST_SECONDS = 86_400;

/** So long other tabs are told of what is over, in seconds. */
export const NOTE_SECONDS = 600;

/** What the function says before it submits anything: such a try leaves no doubt. All codes: docs/codes.md. */
const SUBMITTED_NOTHING = ['not_yet_valid', 'facilitator_unavailable', 'verification_busy', 'store_unavailable', 'price_table_damaged', 'too_many_open_payments', 'too_many_payments', 'too_many_requests', 'cannot_settle'];

/** What ends all doubt though it refuses: nothing was paid. */
const PAID_NOTHING = 'payment_never_settled';

/**
 * What an answer means. Only the function's own word refuses: an answer without it is a gateway's, the origin's or a
 * stranger's, after which the payment may be settled.
 * @param {number} status @param {Paywall | undefined} paywall @returns {'open' | 'unknown' | 'refused'}
 */
export function judge(status, paywall) {
  if (status >= 200 && status < 300) return 'open';
  if (typeof paywall?.code !== 'string') return 'unknown';
  return paywall.resendSamePayment ? 'unknown' : 'refused';
}

/** Whether a payment may have gone through after this answer. @param {boolean} before whether it may have before @param {string} [code] the function's word */
export const doubtAfter = (before, code) => code !== PAID_NOTHING && (before || !SUBMITTED_NOTHING.includes(code ?? ''));

/** Refusals of what may be paid already, whatever this page knows. */
const PERHAPS_PAID = ['payment_already_used', 'payment_unproven', 'payment_given_up'];

/** How a refusal is to be told. @param {{paid: number, doubt: boolean}} payment as it was before this try @param {string} code @returns {'refused' | 'doubt' | 'used'} */
export function refusalKind({ paid, doubt }, code) {
  if (paid) return 'used';
  return PERHAPS_PAID.includes(code) || (doubt && code !== PAID_NOTHING) ? 'doubt' : 'refused';
}

/** How long to wait before the next try, in seconds: what the site says, or a little longer each time. @param {number} tries @param {string | null} retryAfter */
export const waitSeconds = (tries, retryAfter) => Math.min(Number(retryAfter) || Math.min(2 ** tries, 15), 60);

/** Waits, in steps that are told, until the time is over or there is reason not to wait. @param {number} seconds @param {(left: number) => void} tick */
async function pause(seconds, tick) {
  let woken = false;
  const wake = () => { woken = true; };
  window.addEventListener('online', wake);
  for (let left = seconds; left > 0 && !woken; left -= 1) {
    tick(left);
    await new Promise((done) => setTimeout(done, 1000));
  }
  window.removeEventListener('online', wake);
}

/** One try. The head must come in time; the file may take long. @param {string} header */
async function sendOnce(header) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ANSWER_MS);
  try {
    return await fetch(here.href, { headers: { 'PAYMENT-SIGNATURE': header }, cache: 'no-store', credentials: 'same-origin', redirect: 'error', signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Response} answer @returns {Promise<Paywall | undefined>} */
async function paywallOf(answer) {
  const body = await answer.json().catch(() => undefined);
  return body?.paywall;
}

/** @param {Kept} payment @param {Teller} tell @returns {Promise<Outcome>} */
export async function settle(payment, tell) {
  let reason = '';
  tell.sending();
  for (let tries = 0; ; tries += 1) {
    // After its time one try more: the site knows by then what became of it.
    const last = serverNow() >= payment.until;
    const doubt = payment.doubt;
    let code = '';
    let retryAfter = null;
    // Before it is sent: whatever happens now, it may have gone through.
    keep(Object.assign(payment, { doubt: true }));
    if (!payment.paid) leaveNote({ state: 'sent', nonce: payment.nonce, at: serverNow(), until: payment.until });
    try {
      tell.tick(0);
      const answer = await sendOnce(payment.header);
      timeOf(answer);
      const paywall = answer.ok ? undefined : await paywallOf(answer);
      const verdict = judge(answer.status, paywall);
      if (verdict === 'open') {
        payment.paid ||= serverNow();
        payment.until = Math.max(payment.before, payment.paid + REOPENS_SECONDS);
        keep(payment);
        leaveNote({ state: 'paid', nonce: payment.nonce, at: payment.paid, until: payment.paid + NOTE_SECONDS });
        return { kind: 'open', answer };
      }
      code = paywall?.code ?? say(words.http, { status: answer.status });
      retryAfter = answer.headers.get('Retry-After');
      if (verdict === 'refused' && paywall) {
        const kind = refusalKind({ paid: payment.paid, doubt }, paywall.code);
        if (kind !== 'doubt') forget();
        if (kind !== 'doubt') dropNote(payment.nonce);
        return { kind, paywall };
      }
      payment.doubt = doubtAfter(doubt, paywall?.code);
      payment.until = Math.max(payment.until, Math.min(Number(paywall?.until) || 0, payment.before + MOST_SECONDS));
      keep(payment);
    } catch {
      code = '';
    }
    if (last) {
      // Other tabs are still told that there is a payment.
      if (!payment.paid) leaveNote({ state: 'sent', nonce: payment.nonce, at: serverNow(), until: serverNow() + NOTE_SECONDS });
      return { kind: 'ended', code };
    }
    if (code !== reason || !tries) tell.waiting(code, !code);
    reason = code;
    const left = payment.until - serverNow() + 1;
    await pause(Math.max(1, Math.min(waitSeconds(tries, retryAfter), left)), tell.tick);
  }
}
