import { describe, expect, test } from 'vitest';
import {
  between,
  formatAbout,
  formatRange,
  formatSpan,
  formatUntil,
  formatWait,
  formatWhen,
  timeParts,
} from './time';

describe('a span that was measured', () => {
  test.each([
    [0, 'under 1 ms'],
    [2, '2 ms'],
    [752.4, '752 ms'],
    [1000, '1.0 s'],
    [9300, '9.3 s'],
    [60_000, '60.0 s'],
    [125_000, '2 min 5 s'],
    [600_000, '10 min'],
    [86_400_000, '24 h'],
  ])('%d ms', (milliseconds, text) => expect(formatSpan(milliseconds)).toBe(text));
});

describe('a span still to come', () => {
  test.each([
    [[0, 0.02], 'under 1 s'],
    [[0.6, 1], 'about 1 s'],
    [[0.4, 1.6], 'about 2 s'],
    [[11.2, 14.6], '11–15 s'],
    [[100, 260], '2–5 min'],
    [[3600, 14400], '1–4 h'],
    [[1e9, 1e15], 'over 1,000 years'],
  ])('%j', (seconds, text) => expect(formatRange(seconds)).toBe(text));

  test('is no wait where there is none', () => expect(formatWait([0, 0])).toBe('no wait'));
});

describe('a point in the past', () => {
  const now = new Date(2026, 10, 23, 14, 30);
  const at = (...parts: [number, number, number, number, number]) =>
    formatWhen(new Date(...parts).toISOString(), now);
  test('is a time today', () => expect(at(2026, 10, 23, 14, 2)).toMatch(/^2:02/));
  test('has a weekday this week', () => expect(at(2026, 10, 22, 21, 8)).toMatch(/^Sun/));
  test('has a date before', () => expect(at(2026, 9, 3, 12, 0)).toBe('Oct 3, 2026'));
});

test('the time between two clocks that disagree is never negative', () => {
  expect(between('2026-11-23T14:00:01Z', '2026-11-23T14:00:00Z')).toBe(0);
});

test.each([
  [0.4, 'under 1 s'],
  [42.4, 'about 42 s'],
  [5400, 'about 1.5 h'],
  [53_900, 'about 15 h'],
])('%d s whose end is fixed are told as %s', (seconds, text) => expect(formatAbout(seconds)).toBe(text));

describe('a time to come', () => {
  const now = new Date(2026, 10, 23, 14, 2);
  test.each([
    [new Date(2026, 10, 23, 23, 59), 'today'],
    [new Date(2026, 10, 24, 2), 'tomorrow'],
    [new Date(2026, 10, 25, 0), 'Wednesday, November 25'],
    [new Date(2027, 0, 1, 0), 'Friday, January 1, 2027'],
  ])('%s is %s', (then, day) => expect(timeParts(then, now).day).toBe(day));

  test('is told by the clock today, and by the day else', () => {
    expect(formatUntil(new Date(2026, 10, 23, 14, 12, 7).toISOString(), now)).toMatch(/^at .*12:07/);
    expect(formatUntil(new Date(2026, 10, 25, 2).toISOString(), now)).toMatch(/^on Wednesday/);
  });
});
