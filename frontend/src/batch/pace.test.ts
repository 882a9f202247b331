import { describe, expect, test } from 'vitest';
import { formatPace, paceOf, type Sample, withSample } from './pace';
import { pauseAfter } from './useBatch';

const seen = (...samples: [number, number][]) =>
  samples.reduce<Sample[]>((all, [at, ended]) => withSample(all, { at, ended }), []);

describe('the pace of a batch', () => {
  test('is told from what ended while it was looked at', () =>
    expect(paceOf(seen([0, 100], [1000, 300], [2000, 700]))).toBe(300));
  test('is not told from a moment, or of nothing', () => {
    expect(paceOf(seen())).toBeNull();
    expect(paceOf(seen([0, 0], [900, 500]))).toBeNull();
    expect(paceOf(seen([0, 5], [30_000, 5]))).toBeNull();
  });
  test('forgets what is long ago', () =>
    expect(paceOf(seen([0, 0], [5000, 5000], [15_000, 5010], [25_000, 5020]))).toBe(1));
  test.each([
    [0.04, 'under 0.1 a second'],
    [0.4, '0.4 a second'],
    [7.26, '7.3 a second'],
    [2304.7, '2,305 a second'],
  ])('%s is written %s', (pace, text) => expect(formatPace(pace)).toBe(text));
});

test('questions keep apart from each other, and from the answer before', () => {
  expect(pauseAfter(1000, 1000)).toBe(1200);
  expect(pauseAfter(1000, 1300)).toBe(900);
  expect(pauseAfter(1000, 9000)).toBe(500);
});
