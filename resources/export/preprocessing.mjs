// Turns a picture file into what the network sees, step by step as CNN Studio does it itself:
// upright, 8-bit RGB, transparent parts on white, then brought to the network's square.
//
// A network answers other pixels with other numbers, so the arithmetic is that of the Pillow
// library, to the level: `fit`, `reduced` and `resized` give exactly its bytes. Large JPEGs are
// decoded smaller there by the decoder itself; `shrunkLikeDecoder` comes close to that.
//
// A picture here is {data, width, height}: RGB, one byte each, row by row.

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
  const facts = factsOf(bytes);
  if (facts.problem) throw new PictureProblem(facts.problem);
  refuseLarge(facts.width * facts.height);
  // Not every browser turns every kind: it is told that nothing is to be turned.
  if (facts.turnedBy) new DataView(bytes.buffer).setUint16(facts.turnedBy, 1, facts.isLittle);
  const bitmap = await decoded(facts.turnedBy ? new Blob([bytes]) : file, facts);
  try {
    refuseLarge(bitmap.width * bitmap.height);
    const picture = upright(asRgb(bitmap, facts, size), facts.orientation ?? 1);
    return fit(picture, size, mode).data;
  } finally {
    bitmap.close();
  }
}

/** The same for something drawn already, such as a frame of a camera. */
export function frameOf(canvas, size, mode) {
  return fit(asRgb(canvas, { kind: "" }, size), size, mode).data;
}

/** The network's input, values 0 to 255, in the order rows, columns, RGB. */
export const asInput = (pixels) => Float32Array.from(pixels);

async function decoded(file, { kind }) {
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

function asRgb(bitmap, facts, size) {
  const { width, height } = bitmap;
  if (facts.kind === "JPEG") {
    const most = Math.floor(Math.min(width, height) / size);
    const factor = [8, 4, 2, 1].find((each) => most >= each) ?? 1;
    if (factor > 1) return shrunkLikeDecoder(bitmap, factor, facts);
  }
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

// ------------------------------------------------------------------- JPEGs, decoded smaller

// How much of its colour a block of so many pixels gave to each neighbour, in full size.
const SPREAD = { 2: 1 / 8, 4: 3 / 64, 8: 5 / 256, 16: 9 / 1024 };

/** A JPEG as libjpeg gives it when asked for 1/factor: means of blocks, factor 2, 4 or 8. */
function shrunkLikeDecoder(bitmap, factor, facts) {
  const across = blocksOf(bitmap.width, factor);
  const down = blocksOf(bitmap.height, factor);
  const width = across.count;
  const height = down.count;
  const sums = new Float32Array(width * height * 3);
  for (const band of bandsOf(bitmap)) {
    for (let row = 0; row < band.rows; row++) {
      const y = band.top + row;
      const pixels = band.data.subarray(row * bitmap.width * 4, (row + 1) * bitmap.width * 4);
      const blocks = sums.subarray(down.block[y] * width * 3, (down.block[y] + 1) * width * 3);
      addRow(pixels, across.block, across.share, down.share[y], blocks);
    }
  }
  if (facts.colours !== "YCbCr") return { data: Uint8ClampedArray.from(sums), width, height };
  return { data: withOwnColours(sums, width, height, factor, facts), width, height };
}

function addRow(pixels, block, share, rowShare, sums) {
  for (let x = 0, from = 0; x < block.length; x++, from += 4) {
    const to = 3 * block[x];
    const own = share[x] * rowShare;
    sums[to] += pixels[from] * own;
    sums[to + 1] += pixels[from + 1] * own;
    sums[to + 2] += pixels[from + 2] * own;
  }
}

/** Which block each pixel of an axis is in, and its share there; the last pixel fills the rest. */
function blocksOf(length, factor) {
  const count = Math.ceil(length / factor);
  const block = Int32Array.from({ length }, (_, place) => Math.floor(place / factor));
  const share = new Float64Array(length).fill(1 / factor);
  share[length - 1] += (count * factor - length) / factor;
  return { count, block, share };
}

/**
 * Brightness is the mean of a block, but colour is stored coarser: it was spread over its
 * neighbours when the browser decoded it at full size, which a small decoding never does.
 */
function withOwnColours(sums, width, height, factor, { coarseX, coarseY }) {
  const pixels = width * height;
  const [luma, blue, red] = [0, 1, 2].map(() => new Float32Array(pixels));
  for (let i = 0, from = 0; i < pixels; i++, from += 3) {
    const [r, g, b] = [sums[from], sums[from + 1], sums[from + 2]];
    luma[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    blue[i] = -0.168735892 * r - 0.331264108 * g + 0.5 * b;
    red[i] = 0.5 * r - 0.418687589 * g - 0.081312411 * b;
  }
  for (const plane of [blue, red]) {
    if (coarseX === 2 && coarseY === 2) {
      const spread = SPREAD[factor];
      gathered(plane, height, width, width, 1, spread);
      gathered(plane, width, height, 1, width, spread);
    } else if (coarseX === 2) {
      halved(plane, height, width, width, 1, factor);
    } else if (coarseY === 2) {
      halved(plane, width, height, 1, width, factor);
    }
  }
  const data = new Uint8ClampedArray(pixels * 3);
  for (let i = 0, to = 0; i < pixels; i++, to += 3) {
    const y = Math.round(luma[i]);
    const cb = Math.round(blue[i]);
    const cr = Math.round(red[i]);
    data[to] = y + ((91881 * cr + 32768) >> 16);
    data[to + 1] = y + ((-22554 * cb - 46802 * cr + 32768) >> 16);
    data[to + 2] = y + ((116130 * cb + 32768) >> 16);
  }
  return data;
}

/** Takes back a blur of [spread, 1 - 2 spread, spread] along each of `lines` (tridiagonal). */
function gathered(plane, lines, length, lineStep, step, spread) {
  const factors = new Float64Array(length);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    const at = (place) => start + place * step;
    for (let place = 0, before = 0, value = 0; place < length; place++) {
      const isEdge = (place === 0) + (place === length - 1);
      const pivot = 1 - (2 - isEdge) * spread - spread * before;
      before = factors[place] = spread / pivot;
      value = plane[at(place)] = (plane[at(place)] - spread * value) / pivot;
    }
    for (let place = length - 2; place >= 0; place--) {
      plane[at(place)] -= factors[place] * plane[at(place + 1)];
    }
  }
}

/** Colour of pairs, spread again: what is left where it is coarser along one axis only. */
function halved(plane, lines, length, lineStep, step, factor) {
  const pairs = Math.ceil(length / 2);
  const means = new Float64Array(pairs);
  const own = factor === 8 ? 1 : 0.75; // the smallest size is not smoothed
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let pair = 0; pair < pairs; pair++) {
      const second = Math.min(2 * pair + 1, length - 1);
      means[pair] = (plane[start + 2 * pair * step] + plane[start + second * step]) / 2;
    }
    gathered(means, 1, pairs, 0, 1, SPREAD[2 * factor]);
    for (let place = 0; place < length; place++) {
      const pair = place >> 1;
      const other = place % 2 ? Math.min(pair + 1, pairs - 1) : Math.max(pair - 1, 0);
      plane[start + place * step] = own * means[pair] + (1 - own) * means[other];
    }
  }
}

// ------------------------------------------------------------------- what a file is

const NOT_HERE = "cannot be read by a browser; save it as JPEG or PNG";

/** Kind and stored size from the first bytes; for a JPEG also how it stores its colours. */
export function factsOf(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!bytes.length) return { problem: "the file is empty" };
  if (text.startsWith("\xff\xd8\xff")) return jpegFacts(view);
  if (text.startsWith("\x89PNG") && bytes.length > 24) {
    return { kind: "PNG", width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (/^RIFF.{4}WEBP/s.test(text)) return webpFacts(view);
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

function jpegFacts(view) {
  const facts = { kind: "JPEG", width: 0, height: 0, orientation: 1, turnedBy: 0, colours: "" };
  let adobe = -1;
  for (let at = 2; at + 9 < view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) break;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (marker === 0xe1 && !facts.turnedBy) Object.assign(facts, turnIn(view, at + 4, length - 2));
    if (marker === 0xee && length >= 14 && at + 15 < view.byteLength) adobe = view.getUint8(at + 15);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      facts.height = view.getUint16(at + 5);
      facts.width = view.getUint16(at + 7);
      if (view.getUint8(at + 9) === 3 && adobe !== 0 && at + 19 <= view.byteLength) {
        const [first, second] = [view.getUint8(at + 11), view.getUint8(at + 14)];
        facts.colours = "YCbCr";
        facts.coarseX = (first >> 4) / (second >> 4);
        facts.coarseY = (first & 15) / (second & 15);
      }
      break;
    }
    at += 2 + length;
  }
  return facts;
}

function webpFacts(view) {
  const facts = { kind: "WEBP", width: 0, height: 0 };
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const name = view.getUint32(at);
    const length = view.getUint32(at + 4, true);
    if (name === 0x56503858 && at + 18 <= view.byteLength) { // VP8X: sizes in three bytes
      facts.width = (view.getUint32(at + 12, true) & 0xffffff) + 1;
      facts.height = (view.getUint32(at + 14, true) >>> 8) + 1;
    }
    if (name === 0x45584946) Object.assign(facts, turnIn(view, at + 8, length)); // EXIF
    at += 8 + length + (length % 2);
  }
  return facts;
}

/** {orientation, turnedBy, isLittle}: what an EXIF block says, and where; nothing where it says nothing. */
function turnIn(view, start, length) {
  try {
    const hasName = view.getUint32(start) === 0x45786966; // "Exif" and two zeros
    const base = hasName ? start + 6 : start;
    const order = view.getUint16(base);
    if (order !== 0x4949 && order !== 0x4d4d) return {};
    const isLittle = order === 0x4949;
    const table = base + view.getUint32(base + 4, isLittle);
    for (let i = 0; i < view.getUint16(table, isLittle); i++) {
      const entry = table + 2 + 12 * i;
      if (entry + 12 > start + length) return {};
      if (view.getUint16(entry, isLittle) === 0x0112) {
        const value = view.getUint16(entry + 8, isLittle);
        return value >= 2 && value <= 8 ? { orientation: value, turnedBy: entry + 8, isLittle } : {};
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // damaged EXIF: still a picture
  }
  return {};
}
