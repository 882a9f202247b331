import { beforeEach, describe, expect, test, vi } from 'vitest';
import { jobIn, lineAt } from '../../test/jobs';
import { Streams } from '../../test/streams';
import type { Job } from '../api/types';
import { type JobEvent, listenTo, type StreamEnd } from './listen';

let streams: Streams;
let jobs: Map<string, Job>;
const job = jobIn('running');

beforeEach(() => {
  jobs = new Map([[job.id, job]]);
  streams = new Streams(jobs);
  vi.stubGlobal('EventSource', streams.source);
  vi.stubGlobal('navigator', {});
});

/** Listens, and collects what is told. */
function open() {
  const events: JobEvent[] = [];
  const controller = new AbortController();
  const listen = listenTo(job.id);
  if (!listen) throw new Error('this browser cannot listen');
  const ended: Promise<StreamEnd> = listen((event) => events.push(event), controller.signal);
  return { events, ended, stop: () => controller.abort() };
}

describe('a stream', () => {
  test('tells of states, progress and lines, and ends with the job', async () => {
    const { events, ended } = open();
    await vi.waitFor(() => expect(events).toHaveLength(1));
    if (job.progress) streams.progressed(job, { ...job.progress, percent: 60 });
    streams.wrote(job.id, lineAt(1, 'attempt started'));
    streams.changed(jobIn('succeeded', { version: '2' }));
    expect(await ended).toBe('ended');
    expect(events.map(({ kind }) => kind)).toEqual(['job', 'progress', 'line', 'job']);
    expect(streams.open.size).toBe(0);
  });

  test('that breaks later is lost, and is not begun again behind the back', async () => {
    const { events, ended } = open();
    await vi.waitFor(() => expect(events).toHaveLength(1));
    streams.cut();
    expect(await ended).toBe('lost');
    expect([streams.open.size, streams.opened]).toEqual([0, 1]);
  });

  test('that cannot be had is refused', async () => {
    streams.manner = 'refused';
    expect(await open().ended).toBe('refused');
  });

  test('that somebody collects is refused after some seconds', async () => {
    vi.useFakeTimers();
    streams.manner = 'silent';
    const { ended } = open();
    await vi.advanceTimersByTimeAsync(4000);
    vi.useRealTimers();
    expect(await ended).toBe('refused');
    expect(streams.open.size).toBe(0);
  });

  test('is closed when told to', async () => {
    const { ended, stop } = open();
    stop();
    await ended;
    expect(streams.open.size).toBe(0);
  });

  test('is not begun where all places of the tabs are taken', async () => {
    const request = (_: string, __: object, work: (lock: null) => unknown) => work(null);
    vi.stubGlobal('navigator', { locks: { request } });
    expect(await open().ended).toBe('full');
    expect(streams.opened).toBe(0);
  });

  test('holds its place for as long as it goes on', async () => {
    const held: string[] = [];
    const request = async (name: string, _: object, work: (lock: object) => Promise<unknown>) => {
      held.push(name);
      const end = await work({});
      held.splice(held.indexOf(name), 1);
      return end;
    };
    vi.stubGlobal('navigator', { locks: { request } });
    const { events, ended, stop } = open();
    await vi.waitFor(() => expect(events).toHaveLength(1));
    expect(held).toEqual(['numbermill-events-0']);
    stop();
    await ended;
    expect(held).toEqual([]);
  });
});

test('a browser without EventSource has no streams', () => {
  vi.stubGlobal('EventSource', undefined);
  expect(listenTo(job.id)).toBeUndefined();
});
