import { describe, expect, test } from 'vitest';
import { readRange, valuesOf } from './range';

const read = (from: string, to: string, step = '1') => readRange({ from, to, step });
const values = (from: string, to: string, step: string) => {
  const { range } = read(from, to, step);
  return range ? [...valuesOf(range)] : null;
};

describe('a range', () => {
  test.each([
    ['1', '5', '1', ['1', '2', '3', '4', '5']],
    ['1', '10', '4', ['1', '5', '9']],
    ['0', '0', '7', ['0']],
    ['1e3', '10^3', '1', ['1000']],
    [
      '9007199254740993',
      '9007199254740995',
      '1 ',
      ['9007199254740993', '9007199254740994', '9007199254740995'],
    ],
  ])('from %s to %s by %s', (from, to, step, all) => expect(values(from, to, step)).toEqual(all));

  test('ends where the last step leads, not where it was told to', () =>
    expect(read('1', '100', '7').range).toMatchObject({ first: 1n, last: 99n, count: 15 }));

  test.each([
    ['x', '5', '1', 'from', '“x” is not a whole number'],
    ['1', '1e6.5', '1', 'to', 'Write 1e6, 10^6'],
    ['1', '-5', '1', 'to', 'is not a whole number'],
    ['1', '1e1000', '1', 'to', 'up to 1,000 digits'],
    ['1', '5', '', 'step', 'Write a whole number here.'],
    ['1', '5', '0', 'step', 'A step of 0 leads nowhere.'],
    ['10', '9', '1', 'to', 'It ends before it begins. Write 10 or more.'],
  ] as const)('from %j to %j by %j is refused at its %s', (from, to, step, where, says) => {
    const { range, problems } = read(from, to, step);
    expect(range).toBeNull();
    expect(Object.keys(problems)).toEqual([where]);
    expect(problems[where]).toContain(says);
  });

  test('tells everything that is wrong with it at once', () =>
    expect(Object.keys(read('', 'x', '0').problems).sort()).toEqual(['from', 'step', 'to']));

  test('has ten thousand values at most, and the least step for that is told', () => {
    expect(read('1', '10000').range?.count).toBe(10_000);
    const { range, problems, tooMany } = read('1', '10001');
    expect([range, tooMany]).toEqual([null, { count: 10_001n, step: 2n }]);
    expect(problems.step).toBe(
      'That makes 10,001 jobs, and 10,000 is the most. Take steps of 2 or more, or a shorter range.',
    );
  });

  test.each([
    ['0', '1e9'],
    ['3', '99999'],
    ['1', '10^300'],
  ])('from %s to %s is as fine as may be with the step that is told', (from, to) => {
    const step = read(from, to).tooMany?.step ?? 0n;
    expect(read(from, to, String(step)).range?.count).toBeGreaterThan(5000);
    expect(read(from, to, String(step - 1n)).range).toBeNull();
  });
});
