import { describe, expect, test } from 'vitest';
import { attemptAt, jobIn } from '../../test/jobs';
import type { Attempt } from '../api/types';
import { axisOf, outcomeOf, placeOn } from './timeline';

const start = Date.parse(attemptAt(1, 0).started_at);
const endedAt = (second: number) => new Date(start + second * 1000).toISOString();
const lost = attemptAt(1, 0, { state: 'lost', ended_at: endedAt(6) });

describe('an attempt', () => {
  test.each<[Attempt['state'], string]>([
    ['succeeded', 'Done in 6.0 s'],
    ['failed', 'Failed after 6.0 s'],
    ['lost', 'Worker lost after 6.0 s'],
    ['released', 'Given back after 6.0 s'],
    ['abandoned', 'Stopped after 6.0 s'],
  ])('that %s says so in words', (state, words) =>
    expect(outcomeOf({ ...lost, state }, start + 60_000)).toBe(words),
  );

  test('that runs counts from its start', () =>
    expect(outcomeOf(attemptAt(2, 10), start + 19_300)).toBe('Running for 9.3 s'));

  test('began before the clock of this machine says', () =>
    expect(outcomeOf(attemptAt(2, 10), start)).toBe('Running for under 1 ms'));
});

describe('the axis', () => {
  test('reaches to where a running job is expected to end', () => {
    const now = start + 12_000;
    const axis = axisOf([lost, attemptAt(2, 7)], jobIn('running'), now);
    expect([axis.to - axis.from, axis.guessed]).toEqual([27_000, true]);
    expect(placeOn(axis, lost, now)).toEqual({ from: 0, width: (100 * 6) / 27 });
  });

  test('ends with the last attempt', () => {
    const axis = axisOf([lost], null, start + 99_000);
    expect([axis.to - axis.from, axis.guessed]).toEqual([6000, false]);
    expect(placeOn(axis, lost, 0)).toEqual({ from: 0, width: 100 });
  });

  test('has a length even for an attempt that took no time', () => {
    const axis = axisOf([{ ...lost, ended_at: lost.started_at }], null, start);
    expect(axis.to).toBeGreaterThan(axis.from);
  });
});
