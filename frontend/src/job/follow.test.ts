import { describe, expect, test } from 'vitest';
import { jobIn } from '../../test/jobs';
import { OfflineError, ProblemError } from '../api/http';
import type { JobState, VersionedJob } from '../api/types';
import { follow } from './follow';

const version = (etag: string, state: JobState = 'running'): VersionedJob => ({ job: jobIn(state), etag });

/** Follows a job whose server gives these answers one after the other, and tells what happened. */
async function run(
  answers: (VersionedJob | null | Error)[],
  options: { hidden?: boolean; stopAfter?: number } = {},
) {
  const controller = new AbortController();
  const asked: [string, number][] = [];
  const seen: string[] = [];
  const pauses: number[] = [];
  const ended = follow(
    version('a'),
    {
      ask: async (etag, seconds) => {
        asked.push([etag, seconds]);
        if (asked.length === options.stopAfter) controller.abort();
        const answer = answers[asked.length - 1];
        if (answer === undefined) throw new Error('asked more often than expected');
        if (answer instanceof Error) throw answer;
        return answer;
      },
      onJob: ({ etag }) => seen.push(etag),
      pause: async (milliseconds) => void pauses.push(milliseconds),
      hidden: () => options.hidden ?? false,
    },
    controller.signal,
  );
  const error = await ended.then(
    () => null,
    (e: unknown) => e,
  );
  return { asked, seen, pauses, error };
}

const refusal = (status: number) =>
  new ProblemError({ type: 'about:blank', title: '', status, detail: '', request_id: '' }, null);

describe('follow', () => {
  test('asks what changed since the last answer until the job has ended', async () => {
    const { asked, seen, error } = await run([version('b'), null, version('c', 'succeeded')]);
    expect(asked).toEqual([
      ['a', 20],
      ['b', 20],
      ['b', 20],
    ]);
    expect(seen).toEqual(['b', 'c']);
    expect(error).toBeNull();
  });

  test('backs off while the server does not answer, and starts afresh once it has', async () => {
    const offline = new OfflineError('away');
    const { pauses } = await run([
      ...Array<Error>(6).fill(offline),
      version('b'),
      refusal(503),
      version('c', 'failed'),
    ]);
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 15000, 15000, 200, 1000, 200]);
  });

  test('gives up where the server refuses for good', async () => {
    const { error, asked } = await run([refusal(404)]);
    expect(error).toBeInstanceOf(ProblemError);
    expect(asked).toHaveLength(1);
  });

  test('does not wait at the server while the tab is hidden', async () => {
    const { asked, pauses } = await run([null, version('b', 'succeeded')], { hidden: true });
    expect(asked[0]).toEqual(['a', 0]);
    expect(pauses[0]).toBe(2000);
  });

  test('stops without a word when told to', async () => {
    const { seen, error } = await run([version('b')], { stopAfter: 1 });
    expect([seen, error]).toEqual([[], null]);
  });
});
