import { describe, expect, test } from 'vitest';
import { inShort, noOptions, wishesOf } from './options';

describe('options', () => {
  test('that were left alone wish for nothing', () => {
    expect(wishesOf(noOptions)).toEqual({});
    expect(inShort(wishesOf(noOptions))).toBe('');
  });

  test('are told in seconds and in UTC', () => {
    const runAt = '2099-07-01T02:00';
    expect(wishesOf({ priority: 'high', deadline: '1.5', unit: '3600', runAt })).toEqual({
      priority: 'high',
      deadline_seconds: 5400,
      run_at: new Date(2099, 6, 1, 2).toISOString(),
    });
  });

  test('that make no sense are left to the server, or out', () => {
    expect(wishesOf({ ...noOptions, deadline: '-1', unit: '1', runAt: 'tomorrow' })).toEqual({
      deadline_seconds: -1,
    });
  });

  test('have a short form', () => {
    expect(inShort({ priority: 'low', deadline_seconds: 600 })).toBe('low priority, ends after 10 min');
  });
});
