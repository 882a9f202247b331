import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jobIn, lineAt } from '../../test/jobs';
import { OfflineError, ProblemError } from '../api/http';
import type { Job, JobState, Progress, VersionedJob } from '../api/types';
import { follow } from './follow';
import type { JobEvent, StreamEnd } from './listen';

const version = (etag: string, state: JobState = 'running'): VersionedJob => ({ job: jobIn(state), etag });

/** Follows a job whose server gives these answers one after the other, and tells what happened. */
async function run(
  answers: (VersionedJob | null | Error)[],
  options: { hidden?: boolean; stopAfter?: number; start?: VersionedJob } = {},
) {
  const controller = new AbortController();
  const asked: [string, number][] = [];
  const seen: string[] = [];
  const pauses: number[] = [];
  const ended = follow(
    options.start ?? version('a'),
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

describe('follow by questions', () => {
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

  test('asks for the place of a job in line, which changes without its version', async () => {
    const { asked } = await run([null, version('b', 'queued'), version('c', 'cancelled')], {
      start: version('a', 'queued'),
    });
    expect(asked).toEqual([
      ['a', 3],
      ['', 0],
      ['b', 3],
    ]);
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

/** A page that follows a job whose server tells and answers what the test has it say. Time is the test's own. */
function page(start: Job) {
  const controller = new AbortController();
  const state = { hidden: false, job: start, away: false };
  const seen: Job[] = [];
  const lines: string[] = [];
  const ways: string[] = [];
  const asked: number[] = [];
  const streams: { tell: (event: JobEvent) => void; end: (how: StreamEnd) => void; signal: AbortSignal }[] =
    [];
  const sleepers = new Set<() => void>();
  const done = follow(
    { job: start, etag: 'a' },
    {
      ask: async (etag, seconds, signal) => {
        asked.push(seconds);
        if (state.away) throw new OfflineError('away');
        if (seconds > 0) await sleep(seconds * 1000, signal);
        return etag === state.job.version ? null : { job: state.job, etag: state.job.version };
      },
      listen: (tell, signal) =>
        new Promise((end) => {
          streams.push({ tell, end, signal });
          signal.addEventListener('abort', () => end('lost'));
        }),
      onJob: ({ job }) => seen.push(job),
      onLine: ({ message }) => lines.push(message),
      onWay: (way) => {
        if (ways.at(-1) !== way) ways.push(way);
      },
      pause: (milliseconds, signal) => sleep(milliseconds, signal),
      hidden: () => state.hidden,
    },
    controller.signal,
  );
  function sleep(milliseconds: number, signal: AbortSignal) {
    return new Promise<void>((resolve) => {
      const wake = () => {
        sleepers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      sleepers.add(wake);
      setTimeout(wake, milliseconds);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }
  return {
    state,
    seen,
    lines,
    ways,
    asked,
    streams,
    done,
    stop: () => controller.abort(),
    hide: (hidden: boolean) => {
      state.hidden = hidden;
      for (const wake of [...sleepers]) wake();
    },
    pass: (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds),
    get stream() {
      const last = streams.at(-1);
      if (!last) throw new Error('nobody has listened');
      return last;
    },
  };
}

const progressTo = (percent: number) => ({ ...jobIn('running').progress, percent }) as Progress;

describe('follow by events', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('shows what is told, and asks nothing until the end', async () => {
    const { streams, stream, seen, lines, ways, asked, done } = page(jobIn('queued'));
    stream.tell({ kind: 'job', job: jobIn('running', { version: '2' }) });
    stream.tell({ kind: 'progress', attempt: 1, version: '2', progress: progressTo(50) });
    stream.tell({ kind: 'line', line: lineAt(1, 'attempt started') });
    stream.tell({ kind: 'job', job: jobIn('succeeded', { version: '3' }) });
    stream.end('ended');
    await done;
    expect(seen.map(({ state, progress }) => `${state} ${progress?.percent ?? ''}`)).toEqual([
      'running 41.5',
      'running 50',
      'succeeded ',
    ]);
    expect([lines, ways, asked, streams.length]).toEqual([['attempt started'], ['events'], [], 1]);
  });

  test('passes over progress of another attempt', async () => {
    const { stream, seen, stop, done } = page(jobIn('running'));
    stream.tell({ kind: 'progress', attempt: 2, version: '1', progress: progressTo(1) });
    stream.tell({ kind: 'progress', attempt: 1, version: '9', progress: progressTo(1) });
    stop();
    await done;
    expect(seen).toEqual([]);
  });

  test('listens again at once after a stream that was worth it', async () => {
    const { state, stream, streams, asked, pass, stop, done } = page(jobIn('running'));
    stream.tell({ kind: 'job', job: state.job });
    await pass(5000);
    stream.end('lost');
    await pass(0);
    expect([asked, streams.length]).toEqual([[0], 2]);
    stop();
    await done;
  });

  test('asks where there is no stream, and tries again later, ever less often', async () => {
    const { state, stream, streams, ways, pass, stop, done } = page(jobIn('running'));
    stream.end('refused');
    await pass(0);
    expect(ways).toEqual(['questions']);
    state.job = jobIn('running', { version: '2' });
    await pass(60_000);
    expect(streams).toHaveLength(2);
    stream.end('refused');
    streams[1]?.end('refused');
    await pass(25_000);
    expect(streams).toHaveLength(2);
    await pass(60_000);
    expect(streams).toHaveLength(3);
    stop();
    await done;
  });

  test('asks soon for a place in line that could not be told, and then only now and then', async () => {
    const { state, stream, seen, asked, pass, stop, done } = page(jobIn('queued'));
    stream.tell({ kind: 'job', job: state.job });
    state.job = jobIn('queued', { queue: { name: 'large', position: '3', wait_estimate_seconds: [5, 10] } });
    await pass(3000);
    expect(asked).toEqual([0]);
    expect(seen.at(-1)?.queue.position).toBe('3');
    await pass(9000);
    expect(asked).toEqual([0]);
    await pass(1000);
    expect(asked).toEqual([0, 0]);
    stop();
    await done;
  });

  test('leaves a stream that somebody holds back', async () => {
    const { state, stream, seen, ways, pass, stop, done } = page(jobIn('running'));
    stream.tell({ kind: 'job', job: state.job });
    state.job = jobIn('running', { version: '2' });
    await pass(20_000);
    expect(seen.at(-1)?.version).toBe('2');
    expect(stream.signal.aborted).toBe(false);
    await pass(10_000);
    expect(stream.signal.aborted).toBe(true);
    await pass(1000);
    expect(ways).toEqual(['events', 'questions']);
    stop();
    await done;
  });

  test('gives its stream back while the page is hidden', async () => {
    const { state, stream, streams, hide, pass, stop, done } = page(jobIn('running'));
    stream.tell({ kind: 'job', job: state.job });
    hide(true);
    await pass(0);
    expect(stream.signal.aborted).toBe(true);
    await pass(60_000);
    expect(streams).toHaveLength(1);
    hide(false);
    await pass(2000);
    expect(streams).toHaveLength(2);
    stop();
    await done;
  });

  test('does not hold a server that was away against streams', async () => {
    const { state, stream, streams, pass, stop, done } = page(jobIn('running'));
    state.away = true;
    stream.end('refused');
    await pass(2500);
    expect(streams).toHaveLength(1);
    state.away = false;
    await pass(5000);
    expect(streams).toHaveLength(2);
    stop();
    await done;
  });

  test('has nothing left open when it is told to stop', async () => {
    const { stream, stop, done } = page(jobIn('running'));
    stop();
    await done;
    expect(stream.signal.aborted).toBe(true);
  });
});
