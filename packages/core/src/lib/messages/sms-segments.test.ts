import { describe, expect, it } from 'vitest';
import { countSmsSegments } from './sms-segments.js';

describe('countSmsSegments', () => {
  it.each([
    ['', 'GSM-7', 0, 1],
    ['a'.repeat(160), 'GSM-7', 160, 1],
    ['a'.repeat(161), 'GSM-7', 161, 2],
    ['a'.repeat(306), 'GSM-7', 306, 2],
    ['a'.repeat(307), 'GSM-7', 307, 3],
    ['@£$¥èéùìòÇØøÅåΔΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\r\n', 'GSM-7', 35, 1],
    ['€^{}\\[~]|\f', 'GSM-7', 20, 1],
    ['€'.repeat(80), 'GSM-7', 160, 1],
    // An escape pair is not torn: 76 fit into 153.
    ['€'.repeat(153), 'GSM-7', 306, 3],
    ['código', 'UCS-2', 6, 1],
    ['ç', 'UCS-2', 1, 1],
    ['`', 'UCS-2', 1, 1],
    ['あ'.repeat(70), 'UCS-2', 70, 1],
    ['あ'.repeat(71), 'UCS-2', 71, 2],
    ['あ'.repeat(134), 'UCS-2', 134, 2],
    ['あ'.repeat(135), 'UCS-2', 135, 3],
    ['😀'.repeat(35), 'UCS-2', 70, 1],
    // Nor a surrogate pair: 33 fit into 67.
    ['😀'.repeat(67), 'UCS-2', 134, 3],
  ])('%#: as 3GPP TS 23.038 counts', (text, encoding, units, segments) => {
    expect(countSmsSegments(text)).toEqual({ encoding, units, segments });
  });
});
