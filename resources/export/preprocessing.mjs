// Turns a picture file into what the network sees, step by step as CNN Studio does it itself:
// upright, 8-bit RGB, transparent parts on white, then brought to the network's square.
//
// A network answers other pixels with other numbers, so the arithmetic is that of the Pillow
// library, to the level: `fit`, `reduced` and `resized` give exactly its bytes, and JPEG and PNG
// pictures are decoded here and not by the browser.
//
// A picture here is {data, width, height}: RGB, one byte each, row by row.

import { EndsTooEarly, NotDecoded, decodedJpeg } from "./jpeg.mjs";
import { turnIn, turnInXmp } from "./orientation.mjs";
import { decodedPng, pngFacts } from "./png.mjs";

const MOST_PIXELS = 200e6;
const PADDING = 127;
const WHITE = "#fff";
const BAND_PIXELS = 4e6; // what is read from a canvas at a time

/** A picture that cannot be used; its message is a few plain words. */
export class PictureProblem extends Error {}

/**
 * The pixels of a picture file as the network sees them, RGB, size x size, one byte each.
 *
 * @param {Blob} file
 * @param {number} size side of the square in pixels
 * @param {"crop"|"pad"|"stretch"} mode
 */
export async function networkPixels(file, size, mode) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const facts = await factsOf(bytes);
  if (facts.problem) throw new PictureProblem(facts.problem);
  refuseLarge(facts.width * facts.height);
  const picture = (await decodedHere(bytes, facts, size)) ?? (await decodedByBrowser(file, bytes, facts));
  return fit(upright(picture, facts.orientation ?? 1), size, mode).data;
}

/** The kinds that browsers read by rules of their own; null for the others, and odd ones. */
async function decodedHere(bytes, facts, size) {
  if (facts.kind === "PNG") {
    const picture = await decodedPng(bytes, facts);
    if (picture === null) throw new PictureProblem("the picture data is damaged");
    return picture;
  }
  if (facts.kind !== "JPEG") return null;
  const most = Math.floor(Math.min(facts.width, facts.height) / size);
  const factor = [8, 4, 2, 1].find((each) => most >= each) ?? 1;
  try {
    return decodedJpeg(bytes, factor);
  } catch (error) {
    if (error instanceof EndsTooEarly) throw new PictureProblem("the file ends too early");
    if (error instanceof NotDecoded) return null;
    throw error;
  }
}

async function decodedByBrowser(file, bytes, facts) {
  // Not every browser turns every kind: it is told that nothing is to be turned.
  if (facts.tagAt) new DataView(bytes.buffer).setUint16(facts.tagAt, 0, facts.isLittle);
  const bitmap = await bitmapOf(facts.tagAt ? new Blob([bytes]) : file, facts);
  try {
    refuseLarge(bitmap.width * bitmap.height);
    return asRgb(bitmap);
  } finally {
    bitmap.close();
  }
}

/** The same for something drawn already, such as a frame of a camera. */
export function frameOf(canvas, size, mode) {
  return fit(asRgb(canvas), size, mode).data;
}

/** The network's input, values 0 to 255, in the order rows, columns, RGB. */
export const asInput = (pixels) => Float32Array.from(pixels);

async function bitmapOf(file, { kind }) {
  try {
    return await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    if (kind) throw new PictureProblem("the picture data is damaged");
    throw new PictureProblem("not a picture that this browser reads; save it as JPEG or PNG");
  }
}

function refuseLarge(pixels) {
  if (pixels > MOST_PIXELS) {
    const megapixels = Math.round(pixels / 1e6).toLocaleString("en");
    throw new PictureProblem(`too large: ${megapixels} megapixels; at most 200 are read`);
  }
}

function asRgb(bitmap) {
  const { width, height } = bitmap;
  const data = new Uint8ClampedArray(width * height * 3);
  for (const band of bandsOf(bitmap)) {
    copyRgb(band.data, data.subarray(band.top * width * 3, (band.top + band.rows) * width * 3));
  }
  return { data, width, height };
}

function copyRgb(rgba, rgb) {
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
}

/** The picture turned as its EXIF orientation, 1 to 8, says. */
export function upright(picture, orientation) {
  if (orientation === 1) return picture;
  const { data: old, width: across, height: down } = picture;
  const isOnItsSide = orientation >= 5;
  const [width, height] = isOnItsSide ? [down, across] : [across, down];
  const isFromRight = [2, 3, 7, 8].includes(orientation);
  const isFromBottom = [3, 4, 6, 7].includes(orientation);
  const data = new Uint8ClampedArray(old.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [oldX, oldY] = isOnItsSide ? [y, x] : [x, y];
      const column = isFromRight ? across - 1 - oldX : oldX;
      const row = isFromBottom ? down - 1 - oldY : oldY;
      const from = (row * across + column) * 3;
      data[to] = old[from];
      data[to + 1] = old[from + 1];
      data[to + 2] = old[from + 2];
    }
  }
  return { data, width, height };
}

/** The rows of a bitmap on white, a few million pixels at a time. */
function* bandsOf(bitmap) {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(BAND_PIXELS / width)));
  const canvas = Object.assign(document.createElement("canvas"), { width, height: rows });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new PictureProblem("too large for this browser");
  context.fillStyle = WHITE;
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    let data;
    try {
      data = context.getImageData(0, 0, width, count).data;
    } catch {
      throw new PictureProblem("too large for this browser");
    }
    yield { top, rows: count, data };
  }
}

// ------------------------------------------------------------------- to the network's square

/** The picture brought to size x size. */
export function fit(picture, size, mode) {
  const { width, height } = picture;
  if (mode === "pad") return padded(picture, size);
  if (mode === "stretch") return scaled(picture, size, size, [0, 0, width, height]);
  const side = Math.min(width, height);
  let left = (width - side) / 2;
  let top = (height - side) / 2;
  if (side === size) [left, top] = [Math.floor(left), Math.floor(top)];
  return scaled(picture, size, size, [left, top, left + side, top + side]);
}

function padded(picture, size) {
  const scale = size / Math.max(picture.width, picture.height);
  const width = Math.max(1, roundedToEven(picture.width * scale));
  const height = Math.max(1, roundedToEven(picture.height * scale));
  const small = scaled(picture, width, height, [0, 0, picture.width, picture.height]);
  const data = new Uint8ClampedArray(size * size * 3).fill(PADDING);
  const left = (size - width) >> 1;
  const top = (size - height) >> 1;
  for (let y = 0; y < height; y++) {
    const row = small.data.subarray(y * width * 3, (y + 1) * width * 3);
    data.set(row, ((top + y) * size + left) * 3);
  }
  return { data, width: size, height: size };
}

function roundedToEven(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Reduced by whole numbers while twice the size remains, then resampled. */
function scaled(picture, width, height, box) {
  if (picture.width === width && picture.height === height && box[0] === 0 && box[1] === 0) {
    return picture;
  }
  const [left, top, right, bottom] = box;
  const byX = Math.floor((right - left) / width / 2) || 1;
  const byY = Math.floor((bottom - top) / height / 2) || 1;
  if (byX === 1 && byY === 1) return resized(picture, width, height, box);
  const marginX = (0.5 * (right - left)) / width;
  const marginY = (0.5 * (bottom - top)) / height;
  const x = Math.max(0, Math.trunc(left - marginX));
  const y = Math.max(0, Math.trunc(top - marginY));
  const whole = [
    x, y,
    Math.min(picture.width, Math.ceil(right + marginX)),
    Math.min(picture.height, Math.ceil(bottom + marginY)),
  ];
  const inner = [(left - x) / byX, (top - y) / byY, (right - x) / byX, (bottom - y) / byY];
  return resized(reduced(picture, byX, byY, whole), width, height, inner);
}

/** Means of blocks of byX x byY pixels within a box of whole numbers. */
export function reduced(picture, byX, byY, [left, top, right, bottom]) {
  const width = Math.ceil((right - left) / byX);
  const height = Math.ceil((bottom - top) / byY);
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const fromY = top + y * byY;
    const toY = Math.min(fromY + byY, bottom);
    for (let x = 0; x < width; x++, to += 3) {
      const fromX = left + x * byX;
      const toX = Math.min(fromX + byX, right);
      const count = (toX - fromX) * (toY - fromY);
      const multiplier = Math.floor(2 ** 24 / count);
      let red = count >> 1;
      let green = red;
      let blue = red;
      for (let row = fromY; row < toY; row++) {
        let from = (row * picture.width + fromX) * 3;
        for (let column = fromX; column < toX; column++, from += 3) {
          red += picture.data[from];
          green += picture.data[from + 1];
          blue += picture.data[from + 2];
        }
      }
      data[to] = (red * multiplier) / 2 ** 24 | 0;
      data[to + 1] = (green * multiplier) / 2 ** 24 | 0;
      data[to + 2] = (blue * multiplier) / 2 ** 24 | 0;
    }
  }
  return { data, width, height };
}

const BITS = 22; // of the fraction in whole numbers
const HALF = 1 << (BITS - 1);

/** A box of the picture at another size, by triangles as wide as the reduction (antialiased). */
export function resized(picture, width, height, box) {
  const [left, top, right, bottom] = box.map(Math.fround);
  const across = weights(picture.width, left, right, width);
  const down = weights(picture.height, top, bottom, height);
  // The order changes the rounding. Pillow begins with the axis that leaves less to do.
  const lessHigh = picture.height - height;
  if (lessHigh > 0 && lessHigh > 2 * (picture.width - width)) {
    return resampledAcross(resampledDown(picture, down), across);
  }
  return resampledDown(resampledAcross(picture, across), down);
}

function resampledAcross(picture, columns) {
  const [width, height] = [columns.length, picture.height];
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const { first, shares } = columns[x];
      let from = (y * picture.width + first) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let i = 0; i < shares.length; i++, from += 3) {
        red += picture.data[from] * shares[i];
        green += picture.data[from + 1] * shares[i];
        blue += picture.data[from + 2] * shares[i];
      }
      data[to] = red >> BITS;
      data[to + 1] = green >> BITS;
      data[to + 2] = blue >> BITS;
    }
  }
  return { data, width, height };
}

function resampledDown(picture, rows) {
  const [width, height] = [picture.width, rows.length];
  const length = width * 3;
  const data = new Uint8ClampedArray(length * height);
  for (let y = 0, to = 0; y < height; y++) {
    const { first, shares } = rows[y];
    for (let x = 0; x < length; x++, to++) {
      let sum = HALF;
      for (let i = 0, from = first * length + x; i < shares.length; i++, from += length) {
        sum += picture.data[from] * shares[i];
      }
      data[to] = sum >> BITS;
    }
  }
  return { data, width, height };
}

/** For each new pixel the first old one and the shares of those from there on, as whole numbers. */
function weights(length, from, to, count) {
  const scale = Math.fround(to - from) / count;
  const reach = Math.max(scale, 1);
  return Array.from({ length: count }, (_, place) => {
    const centre = from + (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(length, Math.trunc(centre + reach + 0.5));
    const inverse = 1 / reach;
    const shares = [];
    let sum = 0;
    for (let x = first; x < last; x++) {
      const share = Math.max(0, 1 - Math.abs((x - centre + 0.5) * inverse));
      shares.push(share);
      sum += share;
    }
    return { first, shares: shares.map((share) => Math.trunc(0.5 + (share / sum) * 2 ** BITS)) };
  });
}

// ------------------------------------------------------------------- what a file is

const NOT_HERE = "cannot be read by a browser; save it as JPEG or PNG";

/** Kind, stored size and orientation of a file. */
export async function factsOf(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!bytes.length) return { problem: "the file is empty" };
  if (text.startsWith("\xff\xd8\xff")) return jpegFacts(bytes, view);
  if (text.startsWith("\x89PNG") && bytes.length > 24) {
    return pngFacts(bytes);
  }
  if (/^RIFF.{4}WEBP/s.test(text)) return webpFacts(bytes, view);
  if (text.startsWith("GIF8") && bytes.length > 10) {
    return { kind: "GIF", width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
  if (/^BM/.test(text) && bytes.length > 26) {
    const height = Math.abs(view.getInt32(22, true));
    return { kind: "BMP", width: view.getInt32(18, true), height };
  }
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
    return { problem: `a TIFF picture ${NOT_HERE}` };
  }
  if (/^.{4}ftyp(hei|hev|mif1|msf1)/s.test(text)) return { problem: `a HEIC picture ${NOT_HERE}` };
  if (text.startsWith("%PDF")) return { problem: "a PDF document; save its pictures as JPEG or PNG" };
  return { kind: "", width: 0, height: 0 }; // whatever else a browser reads, it says its size then
}

const XMP_NAME = "http://ns.adobe.com/xap/1.0/\0";

function jpegFacts(bytes, view) {
  const facts = { kind: "JPEG", width: 0, height: 0 };
  let xmp = {};
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda) break; // the pixels
    const length = view.getUint16(at + 2);
    if (marker === 0xe1) {
      const content = bytes.subarray(at + 4, at + 2 + length);
      if (String.fromCharCode(...content.subarray(0, XMP_NAME.length)) === XMP_NAME) xmp = turnInXmp(content);
      else if (facts.orientation === undefined) Object.assign(facts, turnIn(view, at + 4, length - 2));
    }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker) && !facts.width) {
      facts.height = view.getUint16(at + 5);
      facts.width = view.getUint16(at + 7);
    }
    at += 2 + length;
  }
  return { ...xmp, ...facts };
}

function webpFacts(bytes, view) {
  const facts = { kind: "WEBP", width: 0, height: 0 };
  let xmp = {};
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = view.getUint32(at);
    const length = view.getUint32(at + 4, true);
    if (name === 0x56503858 && at + 18 <= bytes.length) { // VP8X: sizes in three bytes
      facts.width = (view.getUint32(at + 12, true) & 0xffffff) + 1;
      facts.height = (view.getUint32(at + 14, true) >>> 8) + 1;
    }
    if (name === 0x45584946) Object.assign(facts, turnIn(view, at + 8, length)); // EXIF
    if (name === 0x584d5020) xmp = turnInXmp(bytes.subarray(at + 8, at + 8 + length)); // "XMP "
    at += 8 + length + (length % 2);
  }
  return { ...xmp, ...facts };
}
