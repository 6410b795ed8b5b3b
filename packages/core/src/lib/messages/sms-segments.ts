/** GSM 7-bit default alphabet (3GPP TS 23.038, 6.2.1), the escape character left out. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Its extension table (6.2.1.1): an escape goes before each, so that it counts two. */
const EXTENSION = new Set('\f^{}\\[~]|€');

export interface SmsSegments {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets, or 16-bit units: 160 or 70 fit into one segment, 153 or 67 into each of several. */
  readonly units: number;
  /** What a provider counts, and bills. */
  readonly segments: number;
}

/** How many segments a text takes as an SMS. One character outside of GSM-7 makes all of it UCS-2. */
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

/** An escape and its character, or a surrogate pair, stay in one segment. */
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
