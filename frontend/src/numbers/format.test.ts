import { describe, expect, test } from 'vitest';
import { asPower, formatBrief, formatBytes, formatCount, formatShare, formatValue } from './format';

describe('a count', () => {
  test.each([
    ['7', '7'],
    ['20898764', '20,898,764'],
    ['999999999999999', '999,999,999,999,999'],
    ['6031226062630292', '≈ 6 × 10^15'],
    [`97${'0'.repeat(30)}`, '≈ 1 × 10^32'],
    [`6${'0'.repeat(19727)}`, '≈ 6 × 10^19,727'],
  ])('%#', (digits, text) => expect(formatCount(digits)).toBe(text));

  test('is written out up to 15 digits', () => expect(asPower('999999999999999')).toBeNull());
});

describe('an exact value', () => {
  test.each([
    ['100000000', '100,000,000'],
    [`1${'0'.repeat(100)}`, '10^100'],
    ['1234567890123456789012345', '123456…012345'],
  ])('%#', (digits, text) => expect(formatValue(digits)).toBe(text));

  test.each([
    ['1000', '1,000'],
    ['1000000', '10⁶'],
    ['1000000000000', '10¹²'],
    ['2000000', '2,000,000'],
  ])('%s in brief', (digits, text) => expect(formatBrief(digits)).toBe(text));
});

describe('a size', () => {
  test.each([
    ['1', '1 byte'],
    ['999', '999 bytes'],
    ['1000', '1 kB'],
    ['19729', '19.7 kB'],
    ['208988', '209 kB'],
    ['999999', '1 MB'],
    ['20898764', '20.9 MB'],
    [`1${'0'.repeat(40)}`, '≈ 1 × 10^40 bytes'],
  ])('%s', (digits, text) => expect(formatBytes(digits)).toBe(text));
});

describe('a share of a limit', () => {
  test.each([
    [0, 'Under 1 %'],
    [0.104, '10 %'],
    [1, '100 %'],
    [1.01, '101 %'],
    [1000, '1,000 times'],
    [1e9, 'More than a million times'],
  ])('%s', (ratio, text) => expect(formatShare(ratio)).toBe(text));
});
