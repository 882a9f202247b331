import { describe, expect, test } from 'vitest';
import { parseInteger } from './parse';

describe('parseInteger reads', () => {
  test.each([
    ['0', '0'],
    ['007', '7'],
    ['1000000', '1000000'],
    ['1_000_000', '1000000'],
    ['1 000 000', '1000000'],
    ['  42 ', '42'],
    ['1e6', '1000000'],
    ['25E3', '25000'],
    ['0e99999', '0'],
    ['10^6', '1000000'],
    ['2^10', '1024'],
    ['0^0', '1'],
    ['0^5', '0'],
    ['1^99999', '1'],
    ['10^999', `1${'0'.repeat(999)}`],
    ['9'.repeat(1000), '9'.repeat(1000)],
  ])('%s', (text, value) => expect(parseInteger(text)).toBe(value));
});

describe('parseInteger does not read', () => {
  test.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.5',
    '1e6.5',
    '1e-3',
    '1,000',
    '1  000',
    '1__0',
    '_1',
    'ten',
    '0x10',
    '١٢',
    '10^1000',
    '1e1000',
    '2^4000',
    '99^99999',
    '1'.repeat(1001),
  ])('%j', (text) => expect(parseInteger(text)).toBeNull());
});
