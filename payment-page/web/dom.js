// @ts-check
/** The page's parts. Text only ever becomes text: nothing here makes markup of a string. */
import {page} from './place.js';
import {byteSize, say} from './text.js';
import {states, words} from './words.js';

/** @type {(id: string) => any} */
export const byId = id => document.getElementById(id);

/** @typedef {Node | string | false | undefined} Part */
/** @typedef {keyof typeof states} StateId */
/** What the person can do: the word for it, and what it does. The first is the main one, unless the page waits. @typedef {[word: keyof typeof words, click: () => unknown, values?: Record<string, unknown>]} Action */

/** @type {<T>(parts: (T | false | undefined | '')[]) => T[]} */
const real = parts => parts.flatMap(part => (part ? [part] : []));

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string>} [attributes] @param {Part[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const pair of Object.entries(attributes)) element.setAttribute(...pair);
  element.append(...real(children));
  return element;
}

/** @param {string} className @param {() => unknown} click @param {Part[]} children */
export function button(className, click, ...children) {
  const element = make('button', {type: 'button', class: className}, ...children);
  element.addEventListener('click', () => void click());
  return element;
}

/** @param {string} text @param {string} href @param {Record<string, string>} [more] */
export const anchor = (text, href, more) => make('a', {href, rel: 'noopener noreferrer', ...more}, text);

/** @param {string} text */
export const code = text => make('code', {}, text);

/** Whether one of these states is shown. @param {StateId[]} ids */
export const stateIs = (...ids) => ids.some(id => id === byId('pay').dataset.state);

/**
 * Shows a state. What changes by the second is its `tick`, which is not read aloud.
 * @param {StateId} id @param {Record<string, unknown>} [values] @param {Part[]} [more] strings become paragraphs
 * @param {(Action | Node | false)[]} [actions] @param {Part} [tick]
 */
export function show(id, values = {}, more = [], actions = [], tick = '') {
  const all = {file: page.file, size: byteSize(page.size), ...values};
  const [title, text, mood = ''] = states[id].map(part => say(part, all));
  const section = byId('pay');
  const focused = section.contains(document.activeElement) && document.activeElement;
  const same = stateIs(id);
  const parts = real([text, ...more]);
  const waits = mood === 'wait';
  section.dataset.state = id;
  section.dataset.tone = mood;
  section.setAttribute('aria-busy', String(waits));
  byId('how').textContent = title;
  byId('status').replaceChildren(...parts.map(part => (typeof part === 'string' ? make('p', {}, part) : part)));
  byId('tick').replaceChildren(tick || '');
  byId('act').replaceChildren(...real(actions).map((action, i) => {
    if (!Array.isArray(action)) return action;
    const [word, click, also] = action;
    return button(i || waits ? '' : 'main', click, say(words[word], {...all, ...also}));
  }));
  // Focus stays where the person is: on the same button if it is there again, else on the title.
  const again = focused && same && [...section.querySelectorAll('button')].find(one => one.textContent === focused.textContent);
  if (focused) (again || byId('how')).focus();
  // Who comes to a title by focus hears its text as its description.
  byId('live').textContent = focused && !same ? '' : [title, ...parts.filter(part => typeof part === 'string')].join('. ');
}
