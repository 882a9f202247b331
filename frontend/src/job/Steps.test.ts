import { expect, test } from 'vitest';
import { jobIn } from '../../test/jobs';
import { estimateOf } from '../../test/standIn';
import type { Progress } from '../api/types';
import { stepsOf } from './Steps';

const estimate = estimateOf('fibonacci', { n: '100000000' });
const states = (phase: Progress['phase'] | null) => {
  const job = phase === null ? jobIn('queued') : jobIn('running');
  if (job.progress && phase) job.progress = { ...job.progress, phase };
  return stepsOf(job, estimate).map(({ name, state }) => `${name} ${state}`);
};

test('the steps before the current one are done, those after it are to come', () => {
  expect(states(null)).toEqual(['Queued now', 'Compute next', 'Write next', 'Verify next']);
  expect(states('compute')).toEqual(['Queued done', 'Compute now', 'Write next', 'Verify next']);
  expect(states('verify')).toEqual(['Queued done', 'Compute done', 'Write done', 'Verify now']);
});

test('the current step says what exactly it does, the coming ones what they will', () => {
  const [queued, compute, write] = stepsOf(jobIn('running'), estimate);
  expect([queued?.time, compute?.text, write?.text]).toEqual(['403 ms', 'Doubling 18 of 27', '20.9 MB']);
});
