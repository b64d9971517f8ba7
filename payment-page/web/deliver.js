// @ts-check
/** Takes the file in: into memory, into a place that the person chose, or into the browser's own store. */
import { page } from './place.js';
import { byteSize, say } from './text.js';
import { words } from './words.js';

/**
 * How a file is taken. `memory` holds it, `picker` asks where to save it, `store` writes it to the private file system,
 * `pass` lets the browser download it by its cookie, `none` cannot.
 * @typedef {'memory' | 'picker' | 'store' | 'pass' | 'none'} Way
 */

/** What a page takes into memory at most, in bytes: phones end a page that takes much. */
const MEMORY = { coarse: 64e6, fine: 200e6 };

/** Which way a file goes. @param {{size: number, seconds: number}} file @param {{coarse: boolean, picker: boolean, store: boolean}} browser @returns {Way} */
export function wayOf({ size, seconds }, { coarse, picker, store }) {
  if (size <= (coarse ? MEMORY.coarse : MEMORY.fine)) return 'memory';
  if (picker) return 'picker';
  if (store) return 'store';
  return seconds > 0 ? 'pass' : 'none';
}

export const isCoarse = () => matchMedia('(pointer: coarse)').matches;

/** How the files in the store begin, and how long they are left to whoever saves them, in milliseconds. */
const PREFIX = 'x402-';
const LEFT_MS = 3_600_000;

/** Whether the store takes the file; private windows have none. Old files of ours are dropped. @param {number} size */
async function storeTakes(size) {
  try {
    if (!('createWritable' in FileSystemFileHandle.prototype)) return false;
    const folder = await navigator.storage.getDirectory();
    for await (const [name, entry] of /** @type {any} */ (folder).entries()) {
      if (name.startsWith(PREFIX) && (await entry.getFile()).lastModified < Date.now() - LEFT_MS) await folder.removeEntry(name);
    }
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return quota - usage > size * 1.05;
  } catch {
    return false;
  }
}

/** @returns {Promise<Way>} */
export async function way() {
  const coarse = isCoarse();
  const picker = 'showSaveFilePicker' in window;
  const big = wayOf(page, { coarse, picker: false, store: false }) !== 'memory';
  return wayOf(page, { coarse, picker, store: big && !picker && await storeTakes(page.size) });
}

/** A place on disk. @typedef {{handle: FileSystemFileHandle, chosen: boolean}} Disk */

/** Asks where to save; within a click. @returns {Promise<Disk>} */
export const pick = async () => ({ handle: await /** @type {any} */ (window).showSaveFilePicker({ suggestedName: page.file }), chosen: true });

/** Whether the person chose no place. @param {unknown} error */
export const isAborted = (error) => error instanceof DOMException && error.name === 'AbortError';

/** A new file in the store. @param {string} name @returns {Promise<Disk>} */
export async function storeFile(name) {
  const folder = await navigator.storage.getDirectory();
  return { handle: await folder.getFileHandle(PREFIX + name, { create: true }), chosen: false };
}

/** What came: the bytes, unless they are where the person chose. @typedef {{size: number, type: string, blob?: Blob}} File_ */

/** A type that opens as a page of this site, with scripts, if it is opened: it is never called by its name. @param {string} type */
export const isActive = (type) => /html|xml|script/.test(type) && type !== 'image/svg+xml';

/** @param {Response} answer @param {Disk | undefined} disk @param {(done: number, total: number) => void} progress @returns {Promise<File_>} */
export async function receive(answer, disk, progress) {
  const type = (answer.headers.get('Content-Type') ?? page.type).split(';')[0].trim().toLowerCase();
  // Of what travels compressed the length says nothing.
  const total = answer.headers.get('Content-Encoding') ? 0 : Number(answer.headers.get('Content-Length'));
  const file = await disk?.handle.createWritable();
  /** @type {BlobPart[]} */
  const parts = [];
  let size = 0;
  try {
    const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (answer.body).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      if (file) await file.write(value);
      else parts.push(value);
      size += value.length;
      progress(size, total);
    }
    if (total && size !== total) throw new Error(say(words.short, { done: byteSize(size), total: byteSize(total) }));
    await file?.close();
  } catch (error) {
    await file?.abort().catch(() => {});
    throw error;
  }
  if (disk?.chosen) return { size, type };
  const as = { type: isActive(type) ? 'application/octet-stream' : type };
  return { size, type, blob: disk ? (await disk.handle.getFile()).slice(0, size, as.type) : new Blob(parts, as) };
}
