import { describe, expect, test } from 'vitest';
import { blockSize, blocksBetween, lastTop, lineCount, narrow, slice, topFor, wide } from './geometry';

describe('lines', () => {
  test.each([
    [1, 1],
    [50, 1],
    [51, 2],
    [20_898_764, 417_976],
  ])('%d digits', (digits, lines) => expect(lineCount(digits, wide)).toBe(lines));

  test('the last line is at the bottom when there is no more', () => {
    expect(lastTop(1000, wide)).toBe(0);
    expect(lastTop(1001, wide)).toBe(1);
    expect(lastTop(1001, narrow)).toBe(31);
  });

  test('a digit that is gone to stands a little below the top', () => {
    expect(topFor(1_942_676, 20_898_764, wide)).toBe(38_853 - 4);
    expect(topFor(0, 20_898_764, wide)).toBe(0);
    expect(topFor(20_898_763, 20_898_764, wide)).toBe(417_956);
  });
});

describe('blocks', () => {
  test.each([
    [0, 1, [0]],
    [0, blockSize, [0]],
    [blockSize - 1, blockSize + 1, [0, 1]],
    [5, 5, [0]],
  ])('from %d to %d', (from, to, blocks) => expect(blocksBetween(from, to)).toEqual(blocks));

  const blocks = new Map([
    [0, 'a'.repeat(blockSize)],
    [1, 'b'.repeat(blockSize)],
  ]);
  test('a line may stand in two of them', () => {
    expect(slice(blocks, blockSize - 2, blockSize + 3)).toBe('aabbb');
  });
  test('a line is not there before all of it is', () => {
    expect(slice(blocks, 2 * blockSize - 1, 2 * blockSize + 1)).toBeNull();
  });
});
