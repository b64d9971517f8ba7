// @ts-check
/** Where this page is, what it sells, and how a step gets back to the first one. */

/** @typedef {{file: string, size: number, type: string, seconds: number, time: number}} Page */

/** @param {string} id */
const block = (id) => JSON.parse(document.getElementById(id)?.textContent || 'null');

/** @type {Page} */
export const page = block('page');

/** What the document says of the terms, if they fitted into it. */
export const termsBlock = block('terms');

/** The address, without its fragment. */
export const here = new URL(location.href);
here.hash = '';

/** The name under which this page keeps things, and which its tabs share. */
export const PLACE = `x402 ${here.pathname}${here.search}`;

/** Begins anew; `main.js` sets how. `go` asks the site again if `fresh`; `changed` says what has changed. @type {{go: (fresh?: boolean) => void, changed: (notice: string) => void}} */
export const home = { go() {}, changed() {} };
