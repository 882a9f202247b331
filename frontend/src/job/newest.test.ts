import { expect, test } from 'vitest';
import { jobIn } from '../../test/jobs';
import type { Job } from '../api/types';
import { newest } from './newest';

const at = (version: string, percent: number | null, own: Partial<Job> = {}) => {
  const job = jobIn('running', { version, ...own });
  return {
    job: { ...job, progress: job.progress && { ...job.progress, percent } },
    etag: `"${version}-${percent}"`,
  };
};
const percentOf = (known: ReturnType<typeof at>, next: ReturnType<typeof at>) =>
  newest(known, next).job.progress?.percent;

test('an older version never replaces a newer one, as numbers', () => {
  expect(newest(at('10', 1), at('9', 50)).job.version).toBe('10');
  expect(newest(at('9', 50), at('10', 1)).job.version).toBe('10');
});

test('the percentage never falls within an attempt', () => {
  expect(percentOf(at('3', 40), at('3', 41))).toBe(41);
  expect(percentOf(at('3', 41), at('3', 40))).toBe(41);
  expect(percentOf(at('3', 41), at('3', null))).toBe(41);
});

test('a new attempt begins from the start', () => {
  expect(percentOf(at('3', 41, { attempt: 1 }), at('4', 0, { attempt: 2 }))).toBe(0);
});

test('the version of the answer is the one to ask with next, also where the percentage is kept', () => {
  expect(newest(at('3', 41), at('3', 40)).etag).toBe('"3-40"');
});
