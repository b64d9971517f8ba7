// @ts-check
/** How files are taken and shown, by their size and type. */

/**
 * How a file is taken. `memory` holds it, `picker` asks where to save it, `store` writes it to the private file system,
 * `pass` lets the browser download it by its cookie, `none` cannot.
 * @typedef {'memory' | 'picker' | 'store' | 'pass' | 'none'} Way
 */

/** What a page takes into memory at most, in bytes: phones end a page that takes much. @param {boolean} coarse whether the pointer is a finger */
export const memoryMost = coarse => (coarse ? 64e6 : 200e6);

/** How a file goes that is too large for memory. @param {number} seconds of timed access @param {boolean} picker @param {boolean} store @returns {Way} */
export const wayOf = (seconds, picker, store) => (picker ? 'picker' : store ? 'store' : seconds > 0 ? 'pass' : 'none');

/** As much text as is shown, in bytes. */
const TEXT_MOST = 2e6;

/** Whether a type could run scripts if it were opened, with this site's rights. An image's are dead. @param {string} type */
export const isActive = type => /html|xml|script/.test(type) && type !== 'image/svg+xml';

/** How a file is shown, if it is. @param {string} type @param {number} size @param {boolean} pdf whether this browser shows PDF @returns {'' | 'image' | 'video' | 'audio' | 'pdf' | 'text'} */
export function viewOf(type, size, pdf) {
  /** @type {any} */
  const kind = type.split('/')[0];
  if (/^(image|video|audio)$/.test(kind)) return kind;
  if (type === 'application/pdf') return pdf ? 'pdf' : '';
  const text = kind === 'text' || /^application\/(.*\+)?json$/.test(type);
  return text && !isActive(type) && size <= TEXT_MOST ? 'text' : '';
}
