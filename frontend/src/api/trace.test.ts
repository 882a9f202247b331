import { beforeEach, describe, expect, test, vi } from 'vitest';
import { jobIn } from '../../test/jobs';
import { StandIn } from '../../test/standIn';
import { cancelBatch, cancelJob, deleteJob, getJob, retryJob, submit, submitBatch } from './calls';
import { traced } from './trace';
import { newKey } from './useOnce';

const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;

describe('traceparent', () => {
  let server: StandIn;
  const job = jobIn('succeeded');
  beforeEach(() => {
    server = new StandIn();
    server.put(job);
    vi.stubGlobal('fetch', server.fetch);
  });

  /** The trace and the span that the last request names. */
  const last = () => {
    const header = server.requests.at(-1)?.headers.get('traceparent') ?? '';
    const [, trace = '', span = ''] = form.exec(header) ?? [];
    return { trace, span };
  };

  test('goes with whatever makes or ends jobs', async () => {
    const actions = [
      () => submit({ function: 'fibonacci', args: { n: '10' }, method: 'fast' }, newKey()),
      () => retryJob(job.id, newKey()),
      () => submitBatch({ retry_of: [job.id] }, newKey()),
      () => cancelJob(job.id),
      () => cancelBatch('batch_1'),
    ];
    const seen = new Set<string>();
    for (const act of actions) {
      await act().catch(() => null);
      const { trace, span } = last();
      expect([trace.length, span.length], act.toString()).toEqual([32, 16]);
      seen.add(trace).add(span);
    }
    expect(seen.size).toBe(2 * actions.length);
  });

  test('does not go with what only looks or tidies', async () => {
    await getJob(job.id);
    expect(server.requests.at(-1)?.headers.has('traceparent')).toBe(false);
    await deleteJob(job.id);
    expect(server.requests.at(-1)?.headers.has('traceparent')).toBe(false);
  });

  test('names one trace for an action that is sent twice', async () => {
    const key = newKey();
    const request = { function: 'fibonacci', args: { n: '10' }, method: 'fast' };
    await submit(request, key);
    const first = last();
    await submit(request, key);
    expect(last().trace).toBe(first.trace);
    expect(last().span).not.toBe(first.span);
  });

  test.each(['', 'mine', '0'.repeat(32), 'F'.repeat(32)])('makes no trace of %j', (key) => {
    const [, trace = ''] = form.exec(traced(key).traceparent) ?? [];
    expect(trace).toHaveLength(32);
    expect(trace).not.toBe(key);
  });
});
