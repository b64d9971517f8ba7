// @ts-check
/** What the site's answers to a payment mean. All codes: docs/codes.md. */

/** @typedef {{code: string, message: string, nextStep: string, resendSamePayment: boolean, until?: number, contact?: string}} Paywall */

/** What the function says before it submits anything: such a try leaves no doubt. */
const SUBMITTED_NOTHING = 'not_yet_valid facilitator_unavailable verification_busy store_unavailable price_table_damaged too_many_open_payments too_many_payments too_many_requests'.split(' ');

/** The refusal that ends all doubt: nothing was paid. */
const PAID_NOTHING = 'payment_never_settled';

/** Refusals of what may be paid, whatever this page knows. */
export const PERHAPS_PAID = ['payment_already_used', 'payment_unproven', 'payment_given_up'];

/**
 * Whether an answer refuses. Only the function's own word does: an answer without it is a gateway's, the origin's or a
 * stranger's, and the payment may be settled.
 * @param {Paywall | undefined} paywall @returns {paywall is Paywall}
 */
export const isRefusal = paywall => !!paywall?.code && !paywall.resendSamePayment;

/** Whether a payment may have gone through after an answer that leaves its outcome open. @param {boolean} before whether it may have before @param {string} code */
export const doubtAfter = (before, code) => before || !SUBMITTED_NOTHING.includes(code);

/** How a refusal is to be told. @param {{paid: number, doubt: boolean}} payment as it was before this try @param {string} code @returns {'refused' | 'doubt' | 'used'} */
export function refusalKind({paid, doubt}, code) {
  if (paid) return 'used';
  return PERHAPS_PAID.includes(code) || (doubt && code !== PAID_NOTHING) ? 'doubt' : 'refused';
}

/** How long to wait before the next try, in seconds: what the site says, or a little longer each time. @param {number} tries @param {string | null} retryAfter */
export const waitSeconds = (tries, retryAfter) => Math.min(Number(retryAfter) || Math.min(2 ** tries, 15), 60);
