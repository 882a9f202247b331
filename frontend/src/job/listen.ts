import { heard } from '../api/connection';
import type { Job, LogLine, Progress } from '../api/types';

/** What a stream of events tells of a job. */
export type JobEvent =
  | { kind: 'job'; job: Job }
  | { kind: 'progress'; attempt: number; version: string; progress: Progress }
  | { kind: 'line'; line: LogLine };

/**
 * How a stream ended: the job has ended; it broke after it had told something; there is none to be had, or somebody on the way
 * holds it back; all the places that the tabs of this browser share are taken.
 */
export type StreamEnd = 'ended' | 'lost' | 'refused' | 'full';

/** The first event is a snapshot that comes at once: where there is none by now, a proxy collects the stream. In milliseconds. */
const firstWithin = 4000;
/** How many tabs listen at a time: browsers allow six connections per host, and the pages need some for themselves. */
const places = 3;

/** Listens to the events of a job until the stream ends or the signal says so. Undefined where the browser cannot. */
export const listenTo = (id: string) =>
  typeof EventSource === 'undefined'
    ? undefined
    : (onEvent: (event: JobEvent) => void, signal: AbortSignal) =>
        inPlace(() => listen(`/v1/jobs/${encodeURIComponent(id)}/events`, onEvent, signal));

function listen(path: string, onEvent: (event: JobEvent) => void, signal: AbortSignal): Promise<StreamEnd> {
  if (signal.aborted) return Promise.resolve('lost');
  return new Promise((resolve) => {
    const source = new EventSource(path);
    let told = false;
    const end = (how: StreamEnd) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      source.close(); // else the browser would begin again by itself
      resolve(how);
    };
    const stop = () => end('lost');
    const timer = setTimeout(() => end('refused'), firstWithin);
    const on = (name: string, read: (data: never) => JobEvent, last = false) =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        clearTimeout(timer);
        told = true;
        heard();
        onEvent(read(JSON.parse(data) as never));
        if (last) end('ended');
      });
    on('state', (job: Job) => ({ kind: 'job', job }));
    on('progress', (news: Omit<JobEvent & { kind: 'progress' }, 'kind'>) => ({ kind: 'progress', ...news }));
    on('log', (line: LogLine) => ({ kind: 'line', line }));
    on('done', (job: Job) => ({ kind: 'job', job }), true);
    source.addEventListener('error', () => end(told ? 'lost' : 'refused'));
    signal.addEventListener('abort', stop);
  });
}

/** Holds one of the places that all tabs share for as long as the work goes on. Pages without TLS on other machines have no locks. */
async function inPlace(work: () => Promise<StreamEnd>): Promise<StreamEnd> {
  if (!navigator.locks) return work();
  for (let place = 0; place < places; place++) {
    const how = await navigator.locks.request(`numbermill-events-${place}`, { ifAvailable: true }, (lock) =>
      lock ? work() : null,
    );
    if (how) return how;
  }
  return 'full';
}
