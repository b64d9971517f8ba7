// @ts-check
/** Takes the file in: into memory, into a place that the person chose, or into the browser's own store. */
import {ANSWER_MS, within} from './clock.js';
import {page} from './place.js';
import {isActive, memoryMost, wayOf} from './files.js';
import {byteSize, say} from './text.js';
import {words} from './words.js';

export const isCoarse = () => matchMedia('(pointer: coarse)').matches;

/** How the files in the store begin, and how long they are left to whoever saves them, in milliseconds. */
const PREFIX = 'x402-';
const LEFT_MS = 3_600_000;

/** Whether the store takes a file; private windows have none. Old files of ours are dropped. */
async function storeTakes() {
  try {
    if (!('createWritable' in FileSystemFileHandle.prototype)) return false;
    /** @type {any} */
    const folder = await navigator.storage.getDirectory();
    for await (const [name, entry] of folder.entries()) {
      if (name.startsWith(PREFIX) && (await entry.getFile()).lastModified < Date.now() - LEFT_MS) await folder.removeEntry(name);
    }
    const {quota = 0, usage = 0} = await navigator.storage.estimate();
    return quota - usage > page.size * 1.05;
  } catch {
    return false;
  }
}

/** How this browser takes the file. @returns {Promise<import('./files.js').Way>} */
export async function way() {
  if (page.size <= memoryMost(isCoarse())) return 'memory';
  const picker = 'showSaveFilePicker' in window;
  return wayOf(page.seconds, picker, !picker && await storeTakes());
}

/** A place on disk, which the person chose or not. @typedef {{handle: FileSystemFileHandle, chosen: boolean}} Disk */

/** The place for a large file. The browser asks for one within a click only. @param {string} name @returns {Promise<Disk | undefined>} */
export async function placeFor(name) {
  const how = await way();
  /** @type {any} */
  const browser = window;
  if (how === 'picker') return {handle: await browser.showSaveFilePicker({suggestedName: page.file}), chosen: true};
  // There was room before.
  if (how === 'none') throw new Error(words.full);
  if (how !== 'store') return undefined;
  const folder = await navigator.storage.getDirectory();
  return {handle: await folder.getFileHandle(PREFIX + name, {create: true}), chosen: false};
}

/** Whether the person chose no place. @param {any} error */
export const isAborted = error => error?.name === 'AbortError';

/** What came: the bytes, unless they are where the person chose. @typedef {{size: number, type: string, blob?: Blob}} Received */

/** @param {Response} answer @param {Disk | undefined} disk @param {(done: number, total: number) => void} progress @returns {Promise<Received>} */
export async function receive(answer, disk, progress) {
  const type = (answer.headers.get('Content-Type') ?? page.type).split(';')[0].trim().toLowerCase();
  // Of what travels compressed the length says nothing.
  const total = answer.headers.get('Content-Encoding') ? 0 : Number(answer.headers.get('Content-Length'));
  const file = await disk?.handle.createWritable();
  /** @type {BlobPart[]} */
  const parts = [];
  let size = 0;
  try {
    /** @type {any} */
    const reader = answer.body?.getReader();
    for (;;) {
      const {value, done} = await within(ANSWER_MS, reader.read(), new Error(words.silent));
      if (done) break;
      if (file) await file.write(value);
      else parts.push(value);
      size += value.length;
      progress(size, total);
    }
    if (total && size !== total) throw new Error(say(words.done, {done: byteSize(size), total: byteSize(total)}));
    await file?.close();
  } catch (error) {
    await file?.abort().catch(() => {});
    throw error;
  }
  if (disk?.chosen) return {size, type};
  const as = isActive(type) ? 'application/octet-stream' : type;
  return {size, type, blob: disk ? (await disk.handle.getFile()).slice(0, size, as) : new Blob(parts, {type: as})};
}
