import { expect, test } from 'vitest';
import { inWords, ordinalSuffix } from './words';

test.each([
  [0, 'zero'],
  [1, 'one'],
  [13, 'thirteen'],
  [40, 'forty'],
  [99, 'ninety-nine'],
  [100, 'one hundred'],
  [209, 'two hundred nine'],
  [19729, 'nineteen thousand, seven hundred twenty-nine'],
  [1_000_000, 'one million'],
  [20_898_764, 'twenty million, eight hundred ninety-eight thousand, seven hundred sixty-four'],
  [1e15, null],
])('%d in words', (count, words) => expect(inWords(count)).toBe(words));

test.each([
  [1, 'st'],
  [2, 'nd'],
  [3, 'rd'],
  [4, 'th'],
  [11, 'th'],
  [22, 'nd'],
  [113, 'th'],
])('%d%s', (place, suffix) => expect(ordinalSuffix(place)).toBe(suffix));
