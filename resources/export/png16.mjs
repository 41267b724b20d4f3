// Reads PNG pictures of 16 bits a value, as microscopes and scanners write them. A browser gives
// them out with 8 bits, each browser by a rounding of its own; this is the rounding of CNN Studio.
// Source: Portable Network Graphics Specification (W3C).

const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };
const WHOLE = [[0, 0, 1, 1]]; // first column and row, steps to the next ones
const INTERLACED = [
  [0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2],
];

/** What a PNG says of itself before its pixels; `turnIn` finds the orientation in its EXIF block. */
export function pngFacts(view, turnIn) {
  const facts = { kind: "PNG", width: view.getUint32(16), height: view.getUint32(20) };
  const isDeep = view.byteLength > 28 && view.getUint8(24) === 16;
  if (isDeep) Object.assign(facts, { colours: view.getUint8(25), isInterlaced: view.getUint8(28) === 1 });
  for (const { name, at, length } of chunksOf(view)) {
    if (name === "eXIf") Object.assign(facts, turnIn(view, at, length));
  }
  return facts;
}

function* chunksOf(view) {
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > view.byteLength) return;
    const name = String.fromCharCode(...[4, 5, 6, 7].map((place) => view.getUint8(at + place)));
    yield { name, at: at + 8, length };
    at += 12 + length;
  }
}

/**
 * The picture on white, not turned: {data, width, height}, RGB, one byte each; null where its data
 * are not what its head says.
 */
export async function decodedPng16(bytes, { width, height, colours, isInterlaced }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = [...chunksOf(view)];
  const packed = chunks.filter(({ name }) => name === "IDAT");
  const clear = chunks.find(({ name, length }) => name === "tRNS" && length >= 6);
  const step = CHANNELS[colours] * 2;
  const passes = (isInterlaced ? INTERLACED : WHOLE)
    .map(([left, top, stepX, stepY]) => {
      const across = Math.ceil((width - left) / stepX);
      return { left, top, stepX, stepY, across, down: Math.ceil((height - top) / stepY) };
    })
    .filter(({ across, down }) => across > 0 && down > 0);
  const needed = passes.reduce((sum, { across, down }) => sum + down * (across * step + 1), 0);
  const raw = await inflated(packed.map(({ at, length }) => bytes.subarray(at, at + length)), needed);
  if (!step || raw === null) return null;
  const paint = painterOf(colours, clear?.at, view);
  const data = new Uint8ClampedArray(width * height * 3);
  let from = 0;
  for (const { left, top, stepX, stepY, across, down } of passes) {
    const length = across * step;
    let above = new Uint8Array(length);
    for (let row = 0; row < down; row++, from += length + 1) {
      const line = raw.subarray(from + 1, from + 1 + length);
      if (!unfiltered(raw[from], line, above, step)) return null;
      for (let column = 0; column < across; column++) {
        paint(data, ((top + row * stepY) * width + left + column * stepX) * 3, line, column * step);
      }
      above = line;
    }
  }
  return { data, width, height };
}

/** So many bytes and no more, whatever a small file may hold; null where there are fewer. */
async function inflated(parts, length) {
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const raw = new Uint8Array(length);
  try {
    for (let at = 0; at < length; ) {
      const { done, value } = await reader.read();
      if (done) return null;
      raw.set(value.subarray(0, length - at), at);
      at += value.length;
    }
    return raw;
  } catch (error) {
    if (error instanceof TypeError) return null; // what the standard has it raise for damaged data
    throw error;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Bytes are stored as differences from what is left of them and above them: taken back in place. */
function unfiltered(kind, line, above, step) {
  if (kind > 4) return false;
  for (let i = 0; kind > 0 && i < line.length; i++) {
    const left = i < step ? 0 : line[i - step];
    const corner = i < step ? 0 : above[i - step];
    const guesses = [0, left, above[i], (left + above[i]) >> 1, nearest(left, above[i], corner)];
    line[i] += guesses[kind];
  }
  return true;
}

function nearest(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((each) => Math.abs(guess - each));
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** Gray is scaled to 8 bits; of colours the upper 8 are taken. */
function painterOf(colours, clearAt, view) {
  if (colours === 0) {
    return (data, to, line, at) => {
      data.fill(Math.round((line[at] * 256 + line[at + 1]) / 257), to, to + 3); // never a half
    };
  }
  const isGray = colours === 4;
  const clear = clearAt !== undefined && colours === 2 ? [0, 2, 4].map((place) => view.getUint8(clearAt + place)) : null;
  return (data, to, line, at) => {
    let opacity = 255;
    if (colours !== 2) opacity = line[at + (isGray ? 2 : 6)];
    else if (clear?.every((value, i) => value === line[at + 2 * i])) opacity = 0;
    for (let i = 0; i < 3; i++) {
      const mixed = line[at + (isGray ? 0 : 2 * i)] * opacity + 255 * (255 - opacity) + 128;
      data[to + i] = (mixed + (mixed >> 8)) >> 8;
    }
  };
}
