import type { Attempt, Facts, Job, JobState, LogLine, ResultSummary } from '../src/api/types';

/** Digits that look like digits: the same for the same offset, however they are cut. */
export function digitsBetween(from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++)
    text += i === 0 ? '4' : String(Math.floor(((i * 0.6180339887498949) % 1) * 1e6) % 10);
  return text;
}

export const resultOf = (count: number): ResultSummary => ({
  media_type: 'text/plain; charset=us-ascii',
  calls: null,
  digits: String(count),
  bytes: String(count),
  leading: digitsBetween(0, Math.min(20, count)),
  trailing: digitsBetween(Math.max(0, count - 20), count),
  scientific: `4.7371034734e${count - 1}`,
  trailing_zeros: '0',
  sha256: '098ac40fa4f909c1162efa97ff10037049ee48befd4bc192d7197c538c2c193c',
  cache: 'miss',
  timing_ms: { queue: 2, compute: 610, write: 140 },
  verification: {
    status: 'passed',
    method: 'residue',
    moduli: ['1945555039024054273', '1000000007'],
    residues: ['1375854584601150895', '908460138'],
  },
});

/** What a result says of itself when it is a document. */
export const documentResult: ResultSummary = {
  ...resultOf(1),
  media_type: 'application/json',
  bytes: '21303',
  digits: null,
  leading: null,
  trailing: null,
  scientific: null,
  trailing_zeros: null,
  verification: { status: 'passed', method: 'facts', moduli: [], residues: [] },
};

/** A document of facts about a tower of six twos. */
export const facts: Facts = {
  function: 'ackermann',
  args: { m: '4', n: '3' },
  label: 'A(4,3)',
  closed_form: '2↑↑6 − 3',
  digits: `6${'0'.repeat(19_727)}`,
  digits_of_digits: null,
  leading: '21200387288082119848851646916622746308356542306753',
  trailing: { digits: `${'7'.repeat(995)}28733`, zeros: '0', complete: false, stable: 4 },
  residues: [
    { modulus: '1000000007', value: '528011104' },
    { modulus: '2305843009213693951', value: null, reason: 'It takes too long to find.' },
  ],
};

const time = '2026-11-23T14:02:07.118Z';

/** A job of the stand-in server in the given state. */
export function jobIn(state: JobState, own: Partial<Job> = {}): Job {
  const id = own.id ?? 'job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b';
  const started = state !== 'queued' && state !== 'scheduled';
  const ended = started && state !== 'running';
  return {
    id,
    state,
    function: 'fibonacci',
    args: { n: '100000000' },
    method: 'fast',
    labels: {},
    owner: 'local',
    priority: 'standard',
    created_at: time,
    run_at: state === 'scheduled' ? '2099-11-24T02:00:00Z' : null,
    deadline: null,
    retry_of: null,
    batch: null,
    started_at: started ? '2026-11-23T14:02:07.521Z' : null,
    finished_at: ended ? '2026-11-23T14:02:08.273Z' : null,
    expires_at: ended ? '2026-11-30T14:02:08.273Z' : null,
    attempt: started ? 1 : 0,
    max_attempts: 3,
    version: '1',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    queue: { name: 'large', position: null, wait_estimate_seconds: null },
    progress:
      state === 'running'
        ? {
            phase: 'compute',
            phase_index: 1,
            phase_count: 3,
            percent: 41.5,
            detail: 'Doubling 18 of 27',
            eta_seconds: [11, 15],
            updated_at: time,
          }
        : null,
    cost: { estimated: '1200', actual: state === 'succeeded' ? '752' : null, unit: 'cpu-ms' },
    result: state === 'succeeded' ? resultOf(20_898_764) : null,
    error:
      state === 'failed'
        ? { code: 'verification-failed', detail: 'The result did not pass its check.' }
        : null,
    links: {
      self: `/v1/jobs/${id}`,
      events: `/v1/jobs/${id}/events`,
      attempts: `/v1/jobs/${id}/attempts`,
      logs: `/v1/jobs/${id}/logs`,
      retry: ended ? `/v1/jobs/${id}/retry` : null,
      trace: null,
      log_search: null,
      cancel: ended ? null : `/v1/jobs/${id}/cancel`,
      result: state === 'succeeded' ? `/v1/jobs/${id}/result` : null,
    },
    ...own,
  };
}

/** An attempt that began so many seconds after the job was submitted. */
export const attemptAt = (number: number, second: number, own: Partial<Attempt> = {}): Attempt => ({
  number,
  state: 'running',
  worker: `worker-${number}`,
  started_at: new Date(Date.parse(time) + second * 1000).toISOString(),
  ended_at: null,
  error: null,
  ...own,
});

/** A line that a worker wrote so many seconds after the job was submitted. */
export const lineAt = (second: number, message: string, own: Partial<LogLine> = {}): LogLine => ({
  time: new Date(Date.parse(time) + second * 1000).toISOString(),
  level: 'info',
  message,
  attempt: 1,
  worker: 'worker-1',
  attributes: {},
  ...own,
});
