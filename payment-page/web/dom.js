// @ts-check
/** The page's parts. Text only ever becomes text: nothing here makes markup of a string. */

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @typedef {Node | string | false | undefined} Part */

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
  element.append(...children.filter((part) => part !== false && part !== undefined));
  return element;
}

/** @param {string} text @param {() => void} click @param {boolean} [main] */
export const button = (text, click, main) => make('button', { type: 'button', class: main ? 'main' : undefined, click }, text);

/** @param {string} text @param {string} href @param {Record<string, string | (() => void) | undefined>} [more] */
export const anchor = (text, href, more = {}) => make('a', { href, rel: 'noopener noreferrer', ...more }, text);

/** A list of terms and what they mean. @param {[string, Part][]} rows */
export const list = (rows) => make('dl', {}, ...rows.map(([term, part]) => make('div', {}, make('dt', {}, term), make('dd', {}, part))));

/**
 * @typedef {object} State
 * @property {string} id  Stands in `data-state`.
 * @property {string} title
 * @property {Part[]} [body]  Strings become paragraphs.
 * @property {Part[]} [actions]
 * @property {'good' | 'bad'} [tone]
 * @property {boolean} [wait]
 * @property {Part} [tick]  What changes by the second: it is not read aloud.
 */

/** Focus stays where the person is: on the same button if it is still there, else on the state's title. It tells whether the person comes to a new title by it. @param {HTMLElement} section */
function focusKeeper(section) {
  const had = document.activeElement;
  if (!had || !section.contains(had)) return () => false;
  const text = had.textContent;
  return (/** @type {boolean} */ same) => {
    const again = same && [...byId('act').querySelectorAll('button, a')].find((one) => one.textContent === text);
    if (again) /** @type {HTMLElement} */ (again).focus();
    else byId('how').focus();
    return !again && !same;
  };
}

/** Whether one of these states is shown. @param {string[]} ids */
export const stateIs = (...ids) => ids.includes(byId('pay').dataset.state ?? '');

/** Shows a state. @param {State} state */
export function show({ id, title, body = [], actions = [], tone, wait, tick }) {
  const section = byId('pay');
  const same = section.dataset.state === id;
  const keepFocus = focusKeeper(section);
  section.dataset.state = id;
  section.dataset.tone = tone ?? '';
  section.setAttribute('aria-busy', String(!!wait));
  byId('how').textContent = title;
  byId('how').className = wait ? 'wait' : '';
  const parts = body.filter((part) => part !== false && part !== undefined);
  byId('status').replaceChildren(...parts.map((part) => (typeof part === 'string' ? make('p', {}, part) : part)));
  byId('tick').replaceChildren(...(tick ? [tick] : []));
  byId('act').replaceChildren(...actions.filter((part) => part !== false && part !== undefined));
  // Who has the title focused hears the text as its description.
  const spoken = keepFocus(same) ? '' : `${title}. ${parts.filter((part) => typeof part === 'string').join(' ')}`;
  if (byId('live').textContent !== spoken) byId('live').textContent = spoken;
}
