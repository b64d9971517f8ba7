// @ts-check
/** Shows the file, or saves it. What could run is never opened: a blob would have this site's rights. */
import { page } from './place.js';
import { anchor, button, byId, make } from './dom.js';
import { isActive, isCoarse } from './deliver.js';
import { say } from './text.js';
import { words } from './words.js';

/** As much text as is shown, in bytes. */
const TEXT_MOST = 2e6;

/** How a file is shown, if it is. @param {string} type @param {number} size @param {boolean} pdf whether this browser shows PDF */
export function viewOf(type, size, pdf) {
  const [kind] = type.split('/');
  if (kind === 'image' || kind === 'video' || kind === 'audio') return kind;
  if (type === 'application/pdf') return pdf ? 'pdf' : '';
  const text = kind === 'text' || /^application\/(.*\+)?json$/.test(type);
  return text && !isActive(type) && size <= TEXT_MOST ? 'text' : '';
}

/** @param {string} view @param {Blob} blob @param {string} src @returns {Promise<HTMLElement | ''>} */
async function element(view, blob, src) {
  const title = page.file;
  if (view === 'image') return make('img', { src, alt: title });
  if (view === 'video') return make('video', { src, controls: '', playsinline: '', 'aria-label': title });
  if (view === 'audio') return make('audio', { src, controls: '', 'aria-label': title });
  if (view === 'pdf') return make('iframe', { src, title });
  return view && make('pre', { tabindex: '0', 'aria-label': title, role: 'region' }, await blob.text());
}

/** The URL of what is shown, to be let go when something else is. @type {{url?: string}} */
const shown = {};

export function clearView() {
  byId('view').replaceChildren();
  if (shown.url) URL.revokeObjectURL(shown.url);
  shown.url = undefined;
}

/** Shows a file, saves it if it cannot be shown, and gives what else can be done with it. @param {import('./deliver.js').File_} file @returns {Promise<(HTMLElement | false)[]>} */
export async function showFile({ blob, size, type }) {
  clearView();
  if (!blob) return [];
  const src = URL.createObjectURL(blob);
  shown.url = src;
  const values = { file: page.file };
  const view = await element(viewOf(type, size, navigator.pdfViewerEnabled), blob, src);
  const save = anchor(say(words.save, values), src, { download: page.file, class: 'main' });
  if (view) byId('view').append(view);
  else save.click();
  // In-app browsers of phones may not save: they share.
  const whole = isCoarse() && new File([blob], page.file, { type: blob.type });
  const data = whole && { files: [whole] };
  return [save, !!data && !!navigator.canShare?.(data) && button(say(words.share, values), () => void navigator.share(data).catch(() => {}))];
}
