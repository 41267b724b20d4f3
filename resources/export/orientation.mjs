// How a picture is to be turned: the EXIF orientation, 1 to 8, and where there is none that of XMP.

/**
 * {orientation, tagAt, isLittle}: what an EXIF block says, and where its tag stands; {} where it
 * says nothing. A value that makes no sense counts as 1.
 */
export function turnIn(view, start, length) {
  try {
    const hasName = view.getUint32(start) === 0x45786966; // "Exif" and two zeros
    const base = hasName ? start + 6 : start;
    const order = view.getUint16(base);
    if (order !== 0x4949 && order !== 0x4d4d) return {};
    const isLittle = order === 0x4949;
    const table = base + view.getUint32(base + 4, isLittle);
    for (let i = 0; i < view.getUint16(table, isLittle); i++) {
      const tagAt = table + 2 + 12 * i;
      if (tagAt + 12 > start + length) return {};
      if (view.getUint16(tagAt, isLittle) !== 0x0112) continue;
      const kind = view.getUint16(tagAt + 2, isLittle);
      let value = 0;
      if (kind === 3 || kind === 8) value = view.getUint16(tagAt + 8, isLittle);
      if (kind === 4 || kind === 9) value = view.getUint32(tagAt + 8, isLittle);
      const isOne = view.getUint32(tagAt + 4, isLittle) === 1 && value >= 1 && value <= 8;
      return { orientation: isOne ? value : 1, tagAt, isLittle };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // damaged EXIF: still a picture
  }
  return {};
}

/** {orientation} by an XMP packet; {} where it says nothing. */
export function turnInXmp(packet) {
  const found = /tiff:Orientation(?:="|>)([0-9])/.exec(new TextDecoder("latin1").decode(packet));
  if (!found) return {};
  return { orientation: found[1] >= 1 && found[1] <= 8 ? Number(found[1]) : 1 };
}
