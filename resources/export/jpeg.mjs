// Decodes JPEG pictures to the very numbers of the libjpeg-turbo library, which CNN Studio reads
// them with: in full, or at 1/2, 1/4 or 1/8 of their size, as it reads large ones. No browser
// offers the latter, and a network answers other pixels with other numbers.
//
// Read are sequential and progressive pictures of 8 bits with Huffman codes, in gray, RGB, YCbCr,
// CMYK and YCCK: what cameras and programs write. The rest is left to the browser.
// Sources: ITU-T T.81 (the format); Loeffler, Ligtenberg and Moschytz 1989 (the cosine transform);
// the rounding is that of libjpeg.

/** Not a JPEG that is decoded here, or a damaged one. */
export class NotDecoded extends Error {}

/** A JPEG that stops before its picture is complete. */
export class EndsTooEarly extends Error {}

/** Coefficients of a progressive picture are kept until its last scan: two bytes each. */
const MOST_PROGRESSIVE_PIXELS = 100e6;

/**
 * The picture as it is stored, not turned: {data, width, height}, RGB, one byte each.
 *
 * @param {Uint8Array} bytes the file
 * @param {1|2|4|8} factor how much smaller in width and height, rounded up
 */
export function decodedJpeg(bytes, factor) {
  const jpeg = { quantities: [], codes: { dc: [], ac: [] }, restart: 0, frame: null };
  const reader = new BitReader(bytes, 2);
  for (let marker = reader.nextMarker(); marker !== 0xd9; marker = reader.nextMarker()) {
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue; // without content
    const length = (bytes[reader.at] << 8) | bytes[reader.at + 1];
    const end = reader.at + length;
    if (end > bytes.length) throw new EndsTooEarly();
    if (!(length >= 2)) throw new NotDecoded();
    const content = bytes.subarray(reader.at + 2, end);
    reader.at = end;
    if (marker === 0xdb) readQuantities(content, jpeg.quantities);
    else if (marker === 0xc4) readCodes(content, jpeg.codes);
    else if (marker === 0xdd) jpeg.restart = (content[0] << 8) | content[1];
    else if (marker === 0xe0 && textAt(content, 0, 5) === "JFIF\0") jpeg.isJfif = true;
    else if (marker === 0xee && textAt(content, 0, 5) === "Adobe") jpeg.adobe = content[11];
    else if (marker === 0xda) readScan(content, jpeg, reader);
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) {
      if (jpeg.frame || marker > 0xc2) throw new NotDecoded();
      jpeg.frame = startOfFrame(content, marker === 0xc2, factor);
    }
  }
  const { frame } = jpeg;
  if (!frame?.components.every((each) => each.wasSeen)) throw new NotDecoded();
  if (frame.isProgressive) frame.components.forEach(transformAll);
  const planes = frame.components.map((each) => enlarged(each, frame));
  return { data: painted(planes, jpeg), width: frame.outWidth, height: frame.outHeight };
}

const textAt = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));

// ------------------------------------------------------------------- what is said before the picture

// Coefficients are stored from coarse to fine, in zigzag.
const NATURAL = Uint8Array.of(
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
  13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52,
  45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
);

function readQuantities(content, tables) {
  for (let at = 0; at < content.length; ) {
    const [is16, place] = [content[at] >> 4, content[at] & 15];
    at += 1;
    if (at + (is16 ? 128 : 64) > content.length) throw new NotDecoded();
    const table = new Int32Array(64);
    for (let i = 0; i < 64; i++) {
      table[NATURAL[i]] = is16 ? (content[at + 2 * i] << 8) | content[at + 2 * i + 1] : content[at + i];
    }
    tables[place] = table;
    at += is16 ? 128 : 64;
  }
}

const SHORT = 9; // bits of the codes that are looked up at once

function readCodes(content, { dc, ac }) {
  for (let at = 0; at + 17 <= content.length; ) {
    const tables = content[at] >> 4 ? ac : dc;
    const place = content[at] & 15;
    const counts = content.subarray(at + 1, at + 17);
    const symbols = content.subarray(at + 17, at + 17 + counts.reduce((sum, each) => sum + each, 0));
    if (tables === dc && symbols.some((each) => each > 15)) throw new NotDecoded();
    const table = { symbols, short: new Uint16Array(1 << SHORT), last: [], offset: [] };
    for (let length = 1, code = 0, index = 0; length <= 16; length++, code <<= 1) {
      const count = counts[length - 1];
      if (code + count > 1 << length || index + count > symbols.length) throw new NotDecoded();
      table.offset[length] = index - code;
      if (length <= SHORT) {
        for (let i = 0; i < count; i++) {
          const from = (code + i) << (SHORT - length);
          table.short.fill((length << 8) | symbols[index + i], from, from + (1 << (SHORT - length)));
        }
      }
      code += count;
      index += count;
      table.last[length] = count ? code - 1 : -1;
    }
    tables[place] = table;
    at += 17 + symbols.length;
  }
}

function startOfFrame(content, isProgressive, factor) {
  const height = (content[1] << 8) | content[2];
  const width = (content[3] << 8) | content[4];
  const count = content[5];
  const isKnown = content[0] === 8 && [1, 3, 4].includes(count) && content.length >= 6 + 3 * count;
  if (!isKnown || !width || !height) throw new NotDecoded();
  if (isProgressive && width * height > MOST_PROGRESSIVE_PIXELS) throw new NotDecoded();
  const components = Array.from({ length: count }, (_, i) => {
    const [id, sampling, quantity] = content.subarray(6 + 3 * i, 9 + 3 * i);
    return { id, across: sampling >> 4, down: sampling & 15, quantity, before: 0 };
  });
  const across = Math.max(...components.map((each) => each.across));
  const down = Math.max(...components.map((each) => each.down));
  if (components.some((each) => !each.across || across % each.across)) throw new NotDecoded();
  if (components.some((each) => !each.down || down % each.down)) throw new NotDecoded();
  const frame = {
    isProgressive, width, height, components, across, down,
    unitsAcross: Math.ceil(width / (8 * across)),
    unitsDown: Math.ceil(height / (8 * down)),
    outWidth: Math.ceil(width / factor),
    outHeight: Math.ceil(height / factor),
    side: 8 / factor, // of a block, in the picture that comes out
  };
  for (const each of components) prepare(each, frame);
  return frame;
}

function prepare(component, { isProgressive, width, height, side, ...frame }) {
  // Colour that is stored coarser is made smaller by less, where that spares enlarging it again.
  let own = side;
  while (
    own < 8 &&
    (frame.across * side) % (component.across * own * 2) === 0 &&
    (frame.down * side) % (component.down * own * 2) === 0
  ) {
    own *= 2;
  }
  const scale = (length, part, whole) => Math.ceil((length * part * own) / (whole * 8));
  Object.assign(component, {
    side: own,
    width: scale(width, component.across, frame.across),
    height: scale(height, component.down, frame.down),
    timesX: (frame.across * side) / (component.across * own),
    timesY: (frame.down * side) / (component.down * own),
    blocksAcross: Math.ceil(Math.ceil((width * component.across) / frame.across) / 8),
    blocksDown: Math.ceil(Math.ceil((height * component.down) / frame.down) / 8),
    rowBlocks: frame.unitsAcross * component.across, // with those that only fill the last unit
    columnBlocks: frame.unitsDown * component.down,
  });
  component.stride = component.rowBlocks * own;
  component.plane = new Uint8Array(component.stride * component.columnBlocks * own);
  const kept = isProgressive ? component.rowBlocks * component.columnBlocks : 1;
  component.coefficients = new Int16Array(64 * kept);
}

// ------------------------------------------------------------------- the stream of bits

class BitReader {
  constructor(bytes, at) {
    Object.assign(this, { bytes, at, value: 0, count: 0, isAtMarker: false, madeUp: 0 });
  }

  /** The next marker's code; whatever is left before it is passed over. */
  nextMarker() {
    Object.assign(this, { value: 0, count: 0, isAtMarker: false, madeUp: 0 });
    for (; this.at + 1 < this.bytes.length; this.at++) {
      const code = this.bytes[this.at + 1];
      if (this.bytes[this.at] === 0xff && code !== 0 && code !== 0xff) {
        this.at += 2;
        return code;
      }
    }
    throw new EndsTooEarly();
  }

  /** Whether more was read than there is before the next marker: zeros were made up. */
  get isShort() {
    return this.madeUp > this.count;
  }

  /** Passes to where reading goes on in a damaged picture; `place` is that of the marker, 0 to 7. */
  restart(place) {
    for (;;) {
      const code = this.nextMarker();
      const ahead = (code - 0xd0 - place) & 7;
      const isRestart = code >= 0xd0 && code <= 0xd7;
      if (isRestart && ![1, 2, 6, 7].includes(ahead)) return;
      if (code >= 0xc0 && (!isRestart || ahead < 3)) { // of a later part: what is missing is gray
        this.at -= 2;
        return;
      }
    }
  }

  fill() {
    while (this.count <= 24) {
      let byte = 0;
      if (!this.isAtMarker) {
        if (this.at + 1 >= this.bytes.length) throw new EndsTooEarly();
        byte = this.bytes[this.at];
        if (byte !== 0xff) this.at += 1;
        else if (this.bytes[this.at + 1] === 0) this.at += 2; // how a byte of 255 is written
        else [this.isAtMarker, byte] = [true, 0];
      }
      if (this.isAtMarker) this.madeUp += 8;
      this.value = (this.value << 8) | byte;
      this.count += 8;
    }
  }

  bit() {
    if (this.count < 1) this.fill();
    this.count -= 1;
    return (this.value >> this.count) & 1;
  }

  bits(length) {
    if (this.count < length) this.fill();
    this.count -= length;
    return (this.value >> this.count) & ((1 << length) - 1);
  }

  /** A number of so many bits, whose first bit is its sign. */
  signed(length) {
    if (length === 0) return 0;
    const value = this.bits(length);
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  symbol(table) {
    if (this.count < 17) this.fill();
    const found = table.short[(this.value >> (this.count - SHORT)) & ((1 << SHORT) - 1)];
    if (found) {
      this.count -= found >> 8;
      return found & 255;
    }
    for (let length = SHORT + 1; length <= 16; length++) {
      const code = (this.value >> (this.count - length)) & ((1 << length) - 1);
      if (code <= table.last[length]) {
        this.count -= length;
        return table.symbols[table.offset[length] + code];
      }
    }
    this.count -= 17; // no such code: the picture is damaged, and libjpeg reads on like this
    return 0;
  }
}

// ------------------------------------------------------------------- scans

function readScan(content, jpeg, reader) {
  const { frame } = jpeg;
  const count = content[0];
  if (!frame || content.length < 4 + 2 * count) throw new NotDecoded();
  const components = Array.from({ length: count }, (_, i) => {
    const found = frame.components.find((each) => each.id === content[1 + 2 * i]);
    const places = content[2 + 2 * i];
    if (!found) throw new NotDecoded();
    const tables = { dc: jpeg.codes.dc[places >> 4], ac: jpeg.codes.ac[places & 15] };
    found.quantities ??= jpeg.quantities[found.quantity]; // those of the first scan hold
    if (!found.quantities) throw new NotDecoded();
    return Object.assign(found, tables, { wasSeen: true });
  });
  const [first, last, bits] = content.subarray(1 + 2 * count);
  const scan = { first, last, high: bits >> 4, low: bits & 15, run: 0 };
  if (first > last || last > 63) throw new NotDecoded();
  const isDc = !frame.isProgressive || first === 0;
  const isAc = !frame.isProgressive || first > 0;
  if (components.some((each) => (isDc && !scan.high && !each.dc) || (isAc && !each.ac))) {
    throw new NotDecoded();
  }
  const read = blockReaderOf(frame, scan);
  const at = (component, row, column) => {
    if (!scan.isShort) read(reader, component, scan, row, column);
    else if (read === readWhole) leaveGray(component, row, column);
  };
  const units = count === 1 ? unitsOfOne(components[0], at) : unitsOfAll(components, frame, at);
  for (let unit = 0; unit < units.count; unit++) {
    if (unit % (jpeg.restart || units.count) === 0) {
      if (unit) reader.restart((unit / jpeg.restart - 1) & 7);
      for (const each of components) each.before = 0;
      scan.run = 0;
    }
    scan.isShort = reader.isShort;
    units.read(unit);
  }
}

function unitsOfOne(component, at) {
  const { blocksAcross, blocksDown } = component;
  const read = (unit) => at(component, Math.floor(unit / blocksAcross), unit % blocksAcross);
  return { count: blocksAcross * blocksDown, read };
}

function unitsOfAll(components, { unitsAcross, unitsDown }, at) {
  const read = (unit) => {
    const row = Math.floor(unit / unitsAcross);
    const column = unit % unitsAcross;
    for (const each of components) {
      for (let y = 0; y < each.down; y++) {
        for (let x = 0; x < each.across; x++) {
          at(each, row * each.down + y, column * each.across + x);
        }
      }
    }
  };
  return { count: unitsAcross * unitsDown, read };
}

function blockReaderOf({ isProgressive }, { first, high }) {
  if (!isProgressive) return readWhole;
  if (first === 0) return high ? refineDc : readDc;
  return high ? refineAc : readAc;
}

const placeOf = ({ rowBlocks }, row, column) => 64 * (row * rowBlocks + column);

function leaveGray(component, row, column) {
  component.coefficients.fill(0);
  transform(component, 0, row, column);
}

function readWhole(reader, component, _scan, row, column) {
  const { coefficients, ac } = component;
  coefficients.fill(0);
  component.before += reader.signed(reader.symbol(component.dc));
  coefficients[0] = component.before;
  for (let i = 1; i < 64; i++) {
    const symbol = reader.symbol(ac);
    const length = symbol & 15;
    i += symbol >> 4;
    if (length) coefficients[NATURAL[Math.min(i, 63)]] = reader.signed(length);
    else if (symbol !== 0xf0) break;
  }
  transform(component, 0, row, column);
}

function readDc(reader, component, { low }, row, column) {
  component.before += reader.signed(reader.symbol(component.dc));
  component.coefficients[placeOf(component, row, column)] = component.before << low;
}

function refineDc(reader, component, { low }, row, column) {
  component.coefficients[placeOf(component, row, column)] |= reader.bit() << low;
}

function readAc(reader, component, scan, row, column) {
  if (scan.run > 0) {
    scan.run -= 1;
    return;
  }
  const place = placeOf(component, row, column);
  for (let i = scan.first; i <= scan.last; i++) {
    const symbol = reader.symbol(component.ac);
    const [skipped, length] = [symbol >> 4, symbol & 15];
    if (length === 0 && skipped < 15) {
      scan.run = (1 << skipped) - 1 + reader.bits(skipped);
      return;
    }
    i += skipped;
    if (length) component.coefficients[place + NATURAL[Math.min(i, 63)]] = reader.signed(length) << scan.low;
  }
}

/** One more bit of each coefficient that is known, and those that are not zero any more. */
function refineAc(reader, component, scan, row, column) {
  const { coefficients, ac } = component;
  const place = placeOf(component, row, column);
  const unit = 1 << scan.low;
  const refine = (at) => {
    if (reader.bit() && !(coefficients[at] & unit)) coefficients[at] += coefficients[at] > 0 ? unit : -unit;
  };
  let i = scan.first;
  while (scan.run === 0 && i <= scan.last) {
    const symbol = reader.symbol(ac);
    let skipped = symbol >> 4;
    let value = 0;
    if (symbol & 15) value = reader.bit() ? unit : -unit;
    else if (skipped < 15) {
      scan.run = (1 << skipped) + reader.bits(skipped);
      break;
    }
    for (; i <= scan.last; i++) {
      const at = place + NATURAL[i];
      if (coefficients[at]) refine(at);
      else if (skipped === 0) {
        coefficients[at] = value;
        break;
      } else skipped -= 1;
    }
    i += 1;
  }
  if (scan.run === 0) return;
  scan.run -= 1;
  for (; i <= scan.last; i++) {
    const at = place + NATURAL[i];
    if (coefficients[at]) refine(at);
  }
}

// ------------------------------------------------------------------- from coefficients to samples

function transformAll(component) {
  for (let row = 0; row < component.columnBlocks; row++) {
    for (let column = 0; column < component.rowBlocks; column++) {
      transform(component, placeOf(component, row, column), row, column);
    }
  }
}

const work = new Int32Array(64);
const STEPS = { 2: twoOfEight, 4: fourOfEight, 8: eightOfEight };

function transform({ coefficients, quantities, plane, stride, side }, from, row, column) {
  const to = row * side * stride + column * side;
  if (side === 1) {
    plane[to] = sampleOf((coefficients[from] * quantities[0] + 4) >> 3);
    return;
  }
  for (let i = 0; i < 64; i++) work[i] = coefficients[from + i] * quantities[i];
  const step = STEPS[side];
  const shift = { 2: 13, 4: 12, 8: 11 }[side];
  for (let x = 0; x < 8; x++) step(x, 8, shift);
  for (let y = 0; y < side; y++) step(8 * y, 1, shift + 7);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) plane[to + y * stride + x] = sampleOf(work[8 * y + x]);
  }
}

function sampleOf(value) {
  return value < -128 ? 0 : value > 127 ? 255 : value + 128;
}

// Cosines are whole numbers of 13 bits after the point: 4433 is 0.541196100.

/** The inverse cosine transform of eight numbers of `work`, in place. */
function eightOfEight(at, step, shift) {
  const half = 1 << (shift - 1);
  const value = (place) => work[at + place * step];
  const shared = (value(2) + value(6)) * 4433;
  const inner = shared - value(6) * 15137;
  const outer = shared + value(2) * 6270;
  const sum = (value(0) + value(4)) * 8192 + half;
  const difference = (value(0) - value(4)) * 8192 + half;
  const [v1, v3, v5, v7] = [value(1), value(3), value(5), value(7)];
  const all = (v7 + v3 + v5 + v1) * 9633;
  const [a, b] = [(v7 + v1) * -7373, (v5 + v3) * -20995];
  const [c, d] = [(v7 + v3) * -16069 + all, (v5 + v1) * -3196 + all];
  const odd = [v1 * 12299 + a + d, v3 * 25172 + b + c, v5 * 16819 + b + d, v7 * 2446 + a + c];
  const even = [sum + outer, difference + inner, difference - inner, sum - outer];
  for (let i = 0; i < 4; i++) {
    work[at + i * step] = (even[i] + odd[i]) >> shift;
    work[at + (7 - i) * step] = (even[i] - odd[i]) >> shift;
  }
}

/** The four means of two neighbours each, of what `eightOfEight` would give. */
function fourOfEight(at, step, shift) {
  const value = (place) => work[at + place * step];
  const mean = value(0) * 16384 + (1 << (shift - 1));
  const slope = value(2) * 15137 - value(6) * 6270;
  const [v1, v3, v5, v7] = [value(1), value(3), value(5), value(7)];
  const inner = v1 * 8697 - v3 * 17799 + v5 * 11893 - v7 * 1730;
  const outer = v1 * 20995 + v3 * 7373 - v5 * 4926 - v7 * 4176;
  work[at] = (mean + slope + outer) >> shift;
  work[at + step] = (mean - slope + inner) >> shift;
  work[at + 2 * step] = (mean - slope - inner) >> shift;
  work[at + 3 * step] = (mean + slope - outer) >> shift;
}

/** The two means of four neighbours each. */
function twoOfEight(at, step, shift) {
  const value = (place) => work[at + place * step];
  const mean = value(0) * 32768 + (1 << (shift - 1));
  const slope = value(1) * 29692 - value(3) * 10426 + value(5) * 6967 - value(7) * 5906;
  work[at] = (mean + slope) >> shift;
  work[at + step] = (mean - slope) >> shift;
}

// ------------------------------------------------------------------- from samples to the picture

/** A component at the size of the picture: {plane, stride}. */
function enlarged(component, { side, outWidth, outHeight }) {
  const { plane, stride, width, height, timesX, timesY } = component;
  if (timesX === 1 && timesY === 1) return { plane, stride };
  // Between neighbours, three parts of the nearer and one of the farther; the smallest size is not.
  const isSmooth = side > 1 && timesX <= 2 && timesY <= 2 && (timesX === 1 || width > 2);
  if (!isSmooth) return repeated(component, outWidth, outHeight);
  const across = width * timesX;
  const target = new Uint8Array(across * height * timesY);
  const sums = new Int32Array(width);
  for (let y = 0; y < height * timesY; y++) {
    const near = Math.floor(y / timesY);
    const far = Math.min(height - 1, Math.max(0, near + (y % 2 ? 1 : -1)));
    for (let x = 0; x < width; x++) {
      sums[x] = plane[near * stride + x];
      if (timesY === 2) sums[x] = 3 * sums[x] + plane[far * stride + x];
    }
    const row = target.subarray(y * across, (y + 1) * across);
    if (timesX === 1) row.set(sums.map((sum) => (sum + 1 + (y % 2)) >> 2));
    else smoothAcross(sums, row, timesY === 2 ? { shift: 4, even: 8, odd: 7 } : { shift: 2, even: 1, odd: 2 });
  }
  return { plane: target, stride: across };
}

// Halves are rounded up and down by turns, so that the picture becomes neither lighter nor darker.
function smoothAcross(sums, row, { shift, even, odd }) {
  const end = sums.length - 1;
  for (let x = 0; x <= end; x++) {
    row[2 * x] = (3 * sums[x] + sums[Math.max(0, x - 1)] + even) >> shift;
    row[2 * x + 1] = (3 * sums[x] + sums[Math.min(end, x + 1)] + odd) >> shift;
  }
}

function repeated({ plane, stride, timesX, timesY }, outWidth, outHeight) {
  const target = new Uint8Array(outWidth * outHeight);
  for (let y = 0, to = 0; y < outHeight; y++) {
    const from = Math.floor(y / timesY) * stride;
    for (let x = 0; x < outWidth; x++, to++) target[to] = plane[from + Math.floor(x / timesX)];
  }
  return { plane: target, stride: outWidth };
}

function painted(planes, jpeg) {
  const { outWidth: width, outHeight: height } = jpeg.frame;
  const data = new Uint8ClampedArray(width * height * 3);
  const paint = PAINTERS[coloursOf(jpeg)];
  const values = new Array(planes.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      for (let i = 0; i < planes.length; i++) values[i] = planes[i].plane[y * planes[i].stride + x];
      paint(data, to, values);
    }
  }
  return data;
}

function coloursOf({ frame, isJfif, adobe }) {
  const ids = String.fromCharCode(...frame.components.map((each) => each.id));
  if (ids.length === 1) return "gray";
  if (ids.length === 4) return adobe ? "YCCK" : "CMYK";
  const isRgb = !isJfif && (adobe === undefined ? ids === "RGB" : adobe === 0);
  return isRgb ? "RGB" : "YCbCr";
}

const PAINTERS = {
  gray: (data, to, [gray]) => data.fill(gray, to, to + 3),
  RGB: (data, to, values) => data.set(values, to),
  YCbCr: paintLuma,
  // Four colours are stored as what is left of the paper's white, by all programs that matter.
  CMYK: (data, to, [cyan, magenta, yellow, black]) => paintInk(data, to, [cyan, magenta, yellow], black),
  YCCK: (data, to, values) => {
    paintLuma(data, to, values);
    paintInk(data, to, [255 - data[to], 255 - data[to + 1], 255 - data[to + 2]], values[3]);
  },
};

function paintLuma(data, to, [luma, blue, red]) {
  const [cb, cr] = [blue - 128, red - 128];
  data[to] = luma + ((91881 * cr + 32768) >> 16); // 1.402 of 65,536, and so on: ITU-R BT.601
  data[to + 1] = luma + ((-22554 * cb - 46802 * cr + 32768) >> 16);
  data[to + 2] = luma + ((116130 * cb + 32768) >> 16);
}

function paintInk(data, to, colours, black) {
  for (let i = 0; i < 3; i++) {
    const product = (255 - colours[i]) * black + 128;
    data[to + i] = black - ((product + (product >> 8)) >> 8);
  }
}
