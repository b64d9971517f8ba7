// @ts-check
/** Texts and numbers, for people and for the wire. No document is needed here. */
import {words} from './words.js';

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
  if (n < 1e3) return say(words.bytes, {n});
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** A length of time for people. @param {number} seconds */
export function duration(seconds) {
  /** @type {[number, string]} */
  const [unit, text] = seconds > 7200 ? [3600, words.hours] : seconds > 120 ? [60, words.minutes] : [1, words.seconds];
  return say(text, {n: Math.max(0, Math.ceil(seconds / unit))});
}

/** An address, cut in the middle. @param {string} address */
export const short = address => (address.length > 14 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address);

/** Base64 of JSON, as headers bear it; nothing where it is none. @param {string | null} text @returns {any} */
export function decode64(text) {
  try {
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text ?? ''), c => c.charCodeAt(0))));
  } catch {
    return {};
  }
}

/** @param {unknown} value */
export const encode64 = value => btoa(Array.from(new TextEncoder().encode(JSON.stringify(value)), b => String.fromCharCode(b)).join(''));

/** What went wrong, cut to what fits. @param {any} error */
export const reason = error => String(error?.message || error).slice(0, 300);
