// @ts-check
/** Shows the file, or saves it. What could run is never opened: a blob has this site's rights. */
import {page} from './place.js';
import {anchor, byId, make} from './dom.js';
import {viewOf} from './files.js';
import {say} from './text.js';
import {words} from './words.js';

/** @param {ReturnType<typeof viewOf>} view @param {Blob} blob @param {string} src */
async function viewer(view, blob, src) {
  const title = page.file;
  if (view === 'text') return make('pre', {tabindex: '0', role: 'region', 'aria-label': title}, await blob.text());
  if (view === 'image') return make('img', {src, alt: title});
  return view && make(view === 'pdf' ? 'iframe' : view, {src, title, controls: ''});
}

/** The URL of what is shown. */
const shown = {url: ''};

export function clearView() {
  byId('view').replaceChildren();
  URL.revokeObjectURL(shown.url);
}

/** Shows a file, saves it if it cannot be shown, and gives what else can be done with it. @param {import('./deliver.js').Received} file @returns {Promise<Node[]>} */
export async function showFile({blob, size, type}) {
  clearView();
  if (!blob) return [];
  shown.url = URL.createObjectURL(blob);
  const view = await viewer(viewOf(type, size, navigator.pdfViewerEnabled), blob, shown.url);
  const save = anchor(say(words.save, page), shown.url, {download: page.file, class: 'main'});
  if (view) byId('view').append(view);
  else save.click();
  return [save];
}
