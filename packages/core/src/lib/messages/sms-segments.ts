/** GSM 7-bit default alphabet (3GPP TS 23.038, 6.2.1) without the escape character. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Extension table (6.2.1.1): each character is preceded by an escape and counts as two. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/** The size of an SMS. */
export interface SmsSegments {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets or 16-bit units: 160 or 70 fit into a single segment, 153 or 67 into each of several. */
  readonly units: number;
  /** The number that providers bill. */
  readonly segments: number;
}

/**
 * Counts the segments of an SMS. One character outside GSM-7 makes the whole text UCS-2.
 *
 * @param text the whole message
 * @returns the encoding, the units that it takes and the number of segments
 * @example countSmsSegments('123456 is your Shop code.'); // { encoding: 'GSM-7', units: 25, segments: 1 }
 */
export function countSmsSegments(text: string): SmsSegments {
  const characters = Array.from(text);
  const isGsm = characters.every((each) => BASIC.has(each) || EXTENSION.has(each));
  const [single, each] = isGsm ? [160, 153] : [70, 67];
  const sizes = characters.map(isGsm ? septets : (character) => character.length);
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const encoding = isGsm ? 'GSM-7' : 'UCS-2';
  return { encoding, units, segments: units <= single ? 1 : pack(sizes, each) };
}

function septets(character: string): number {
  return EXTENSION.has(character) ? 2 : 1;
}

/** Neither an escape and its character nor a surrogate pair is split between segments. */
function pack(sizes: readonly number[], room: number): number {
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > room) {
      segments += 1;
      used = 0;
    }
    used += size;
  }
  return segments;
}
