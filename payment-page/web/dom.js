// @ts-check
/** The page's parts. Text only ever becomes text: nothing here makes markup of a string. */
import { page } from './place.js';
import { byteSize, say } from './text.js';
import { states } from './words.js';

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @typedef {Node | string | false | undefined} Part */
/** @typedef {keyof typeof states} StateId */

/** @param {Part[]} parts */
const real = (parts) => parts.flatMap((part) => part || []);

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string | (() => void) | undefined>} [props] @param {Part[]} children
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...real(children));
  return element;
}

/** @param {string} text @param {() => void} click @param {boolean} [main] */
export const button = (text, click, main) => make('button', { type: 'button', class: main ? 'main' : undefined, click }, text);

/** @param {string} text @param {string} href @param {Record<string, string>} [more] */
export const anchor = (text, href, more = {}) => make('a', { href, rel: 'noopener noreferrer', ...more }, text);

/** @param {string} text */
export const code = (text) => make('code', {}, text);

/** Whether one of these states is shown. @param {StateId[]} ids */
export const stateIs = (...ids) => ids.some((id) => id === byId('pay').dataset.state);

/**
 * Shows a state. What changes by the second is its `tick`, which is not read aloud.
 * @param {StateId} id @param {Record<string, unknown>} [values] @param {Part[]} [more] strings become paragraphs
 * @param {Part[]} [actions] @param {Part} [tick]
 */
export function show(id, values = {}, more = [], actions = [], tick = '') {
  const [title, text, mood = ''] = states[id].map((part) => say(part, { file: page.file, size: byteSize(page.size), ...values }));
  const section = byId('pay');
  const same = stateIs(id);
  const focused = section.contains(document.activeElement) && document.activeElement?.textContent;
  const parts = real([text, ...more]);
  section.dataset.state = id;
  section.dataset.tone = mood;
  section.setAttribute('aria-busy', String(mood === 'wait'));
  byId('how').textContent = title;
  byId('status').replaceChildren(...parts.map((part) => (typeof part === 'string' ? make('p', {}, part) : part)));
  byId('tick').replaceChildren(...real([tick]));
  byId('act').replaceChildren(...real(actions));
  // Focus stays where the person is: on the same button if it is there again, else on the title.
  const again = same && [...section.querySelectorAll('button, a')].find((one) => one.textContent === focused);
  const target = again || byId('how');
  if (typeof focused === 'string') /** @type {HTMLElement} */ (target).focus();
  // Who comes to a title by focus hears its text as its description.
  const spoken = typeof focused === 'string' && !same ? '' : [title, ...parts.filter((part) => typeof part === 'string')].join('. ');
  if (byId('live').textContent !== spoken) byId('live').textContent = spoken;
}
