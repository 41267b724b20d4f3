// Reads PNG pictures as CNN Studio does. Browsers round 16 bits and transparency each its own way,
// play animations, and draw nothing that is wider than 65,535 pixels.
// Source: Portable Network Graphics Specification, third edition (W3C).

import { turnIn, turnInXmp } from "./orientation.mjs";

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const WHOLE = [[0, 0, 1, 1]]; // first column and row, steps to the next ones
const INTERLACED = [
  [0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2],
];
const LONGEST_PROFILE = 1e6; // bytes

/** What a PNG says of itself before its pixels: size, and the orientation where it has one. */
export async function pngFacts(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const facts = { kind: "PNG", width: view.getUint32(16), height: view.getUint32(20) };
  let xmp = {};
  for (const { name, at, length } of chunksOf(bytes)) {
    const content = bytes.subarray(at, at + length);
    if (name === "eXIf") Object.assign(facts, turnIn(view, at, length));
    if (name === "tEXt" || name === "zTXt") Object.assign(facts, await turnInProfile(name, content));
    if (name === "iTXt" && latin(content.subarray(0, 18)) === "XML:com.adobe.xmp\0") xmp = turnInXmp(content);
  }
  return { ...xmp, ...facts };
}

const latin = (bytes) => new TextDecoder("latin1").decode(bytes);

/** ImageMagick writes EXIF as text: a head of three lines, then the block in hexadecimal. */
async function turnInProfile(name, content) {
  const end = content.indexOf(0);
  if (latin(content.subarray(0, end)) !== "Raw profile type exif") return {};
  let text = content.subarray(end + 1);
  if (name === "zTXt") text = (await inflated([text.subarray(1)], LONGEST_PROFILE)).bytes;
  const digits = latin(text).split("\n").slice(3).join("").match(/[0-9a-f]{2}/gi) ?? [];
  const block = Uint8Array.from(digits, (each) => parseInt(each, 16));
  const { orientation } = turnIn(new DataView(block.buffer), 0, block.length);
  return orientation === undefined ? {} : { orientation };
}

function* chunksOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) return;
    yield { name: latin(bytes.subarray(at + 4, at + 8)), at: at + 8, length };
    at += 12 + length;
  }
}

/**
 * The picture on white, not turned: {data, width, height}, RGB, one byte each; null where its data
 * are not what its head says.
 */
export async function decodedPng(bytes, { width, height }) {
  const [depth, colours, , , interlace] = bytes.subarray(24, 29);
  const chunks = {};
  const parts = [];
  for (const { name, at, length } of chunksOf(bytes)) {
    if (name === "IDAT") parts.push(bytes.subarray(at, at + length));
    else chunks[name] ??= bytes.subarray(at, at + length);
  }
  const bits = CHANNELS[colours] * depth;
  if (![1, 2, 4, 8, 16].includes(depth) || !bits || interlace > 1) return null;
  const passes = (interlace ? INTERLACED : WHOLE)
    .map(([left, top, stepX, stepY]) => {
      const across = Math.ceil((width - left) / stepX);
      const length = Math.ceil((across * bits) / 8);
      return { left, top, stepX, stepY, across, length, down: Math.ceil((height - top) / stepY) };
    })
    .filter(({ across, down }) => across > 0 && down > 0);
  const needed = passes.reduce((sum, { length, down }) => sum + down * (length + 1), 0);
  const { bytes: raw, isWhole } = await inflated(parts, needed);
  if (!isWhole) return null;
  const paint = painterOf(colours, depth, chunks);
  const data = new Uint8ClampedArray(width * height * 3);
  let from = 0;
  for (const { left, top, stepX, stepY, across, length, down } of passes) {
    let above = new Uint8Array(length);
    for (let row = 0; row < down; row++, from += length + 1) {
      const line = raw.subarray(from + 1, from + 1 + length);
      if (!unfiltered(raw[from], line, above, Math.ceil(bits / 8))) return null;
      for (let column = 0; column < across; column++) {
        paint(data, ((top + row * stepY) * width + left + column * stepX) * 3, line, column);
      }
      above = line;
    }
  }
  return { data, width, height };
}

/** At most so many bytes, whatever a small file may hold; `isWhole`: there were as many. */
async function inflated(parts, most) {
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const bytes = new Uint8Array(most);
  let at = 0;
  try {
    while (at < most) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes.set(value.subarray(0, most - at), at);
      at += value.length;
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // that is what damaged data raise
  } finally {
    reader.cancel().catch(() => {});
  }
  return { bytes: bytes.subarray(0, at), isWhole: at >= most };
}

/** Bytes are stored as differences from what is left of them and above them: taken back in place. */
function unfiltered(kind, line, above, step) {
  if (kind > 4) return false;
  for (let i = 0; kind > 0 && i < line.length; i++) {
    const left = i < step ? 0 : line[i - step];
    if (kind === 1) line[i] += left;
    else if (kind === 2) line[i] += above[i];
    else if (kind === 3) line[i] += (left + above[i]) >> 1;
    else line[i] += nearest(left, above[i], i < step ? 0 : above[i - step]);
  }
  return true;
}

function nearest(left, above, corner) {
  const a = Math.abs(above - corner);
  const b = Math.abs(left - corner);
  const c = Math.abs(left + above - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** What puts a pixel of a line into the picture, by the way the pixels are stored. */
function painterOf(colours, depth, { PLTE: palette, tRNS: clear }) {
  const mask = (1 << depth) - 1;
  const small = (line, x) => (line[(x * depth) >> 3] >> (8 - depth - ((x * depth) & 7))) & mask;
  const step = (CHANNELS[colours] * depth) / 8;
  const next = depth / 8; // of colours of 16 bits the upper 8 are taken
  const clearValues = clear && [0, 2, 4].map((at) => (clear[at] << 8) | clear[at + 1]);
  const isClear = (places, line, at) => clearValues
    && places.every((i) => (depth === 16 ? clearValues[i] >> 8 : clearValues[i]) === line[at + i * next]);
  if (colours === 0 && depth === 16) {
    return (data, to, line, x) => {
      data.fill(Math.round((line[2 * x] * 256 + line[2 * x + 1]) / 257), to, to + 3); // never a half
    };
  }
  if (colours === 0) {
    // One bit is black or white, and so is what is clear; other numbers are compared as they are.
    const clearGray = clearValues && (depth === 1 ? 255 * clearValues[0] : clearValues[0]);
    return (data, to, line, x) => {
      const gray = depth === 8 ? line[x] : (small(line, x) * 255) / mask;
      data.fill(gray === clearGray ? 255 : gray, to, to + 3);
    };
  }
  if (colours === 3) {
    return (data, to, line, x) => {
      const index = depth === 8 ? line[x] : small(line, x);
      const rgb = [0, 1, 2].map((i) => palette?.[3 * index + i] ?? 0);
      onWhite(data, to, rgb, clear?.[index] ?? 255);
    };
  }
  const places = [0, 1, 2];
  const values = [0, 0, 0];
  return (data, to, line, x) => {
    const at = x * step;
    for (const i of places) values[i] = line[at + (colours === 4 ? 0 : i * next)];
    let opacity = 255;
    if (colours === 2) opacity = isClear(places, line, at) ? 0 : 255;
    else opacity = line[at + (colours === 4 ? 1 : 3) * next];
    onWhite(data, to, values, opacity);
  };
}

function onWhite(data, to, values, opacity) {
  for (let i = 0; i < 3; i++) {
    const mixed = values[i] * opacity + 255 * (255 - opacity) + 128;
    data[to + i] = (mixed + (mixed >> 8)) >> 8;
  }
}
