// @ts-check
/** Where this page is, what it sells, and how a step gets back to the first one. */

/** @param {string} id */
const block = id => JSON.parse(document.getElementById(id)?.textContent || 'null');

/** @type {{file: string, size: number, type: string, seconds: number, time: number}} */
export const page = block('page');

/** What the document says of the terms, if they fitted into it. */
export const termsBlock = block('terms');

/** The address, without its fragment. */
export const here = new URL(location.href);
here.hash = '';

/** The name under which this page keeps things, and which its tabs share. A query leads to no other file. */
export const PLACE = `x402 ${here.pathname}`;

/** Begins anew; `main.js` sets how. Asks the site again if `fresh`, and says `notice`. @type {{go: (fresh?: boolean, notice?: string) => void}} */
export const home = {go() {}};

export const back = () => home.go();
export const afresh = () => home.go(true);
