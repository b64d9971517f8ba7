// @ts-check
/** Texts and numbers, for people and for the wire. No document is needed here. */
import { words } from './words.js';

/** Fills a text in. @param {string} text @param {Record<string, unknown>} [values] */
export const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));

/** Atomic units as a decimal number of the token. @param {string | bigint} amount @param {number} decimals */
export function units(amount, decimals) {
  const digits = String(amount).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return digits.slice(0, point) + (fraction && '.' + fraction);
}

/** A size for people. @param {number} n */
export function byteSize(n) {
  if (n < 1e3) return say(words.bytes, { n });
  const [unit, name] = n < 1e6 ? [1e3, 'kB'] : n < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${(n / Number(unit)).toFixed(1)} ${name}`;
}

/** A length of time for people. @param {number} seconds */
export function duration(seconds) {
  const n = Math.max(0, Math.ceil(seconds));
  if (n <= 120) return say(words.seconds, { n });
  if (n <= 7200) return say(words.minutes, { n: Math.round(n / 60) });
  return say(words.hours, { n: Math.round(n / 3600) });
}

/** An address, cut in the middle. @param {string} address */
export const short = (address) => (address.length > 14 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address);

/** Base64 of JSON, as headers bear it. @param {string} text @returns {any} */
export const decode64 = (text) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))));

/** @param {unknown} value */
export const encode64 = (value) => btoa(Array.from(new TextEncoder().encode(JSON.stringify(value)), (b) => String.fromCharCode(b)).join(''));

/** What went wrong, cut to what fits. @param {any} error */
export const reason = (error) => String(error?.message || error).slice(0, 300);
