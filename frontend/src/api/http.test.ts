import { beforeEach, describe, expect, test, vi } from 'vitest';
import { problem, StandIn } from '../../test/standIn';
import { awaitJob, getDigits } from './calls';
import { OfflineError, ProblemError, send } from './http';

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
const answer = (response: Response) => vi.stubGlobal('fetch', async () => response);

describe('send', () => {
  test('passes 304 on', async () => {
    answer(new Response(null, { status: 304 }));
    expect((await send('/x')).status).toBe(304);
  });

  test('tells what a problem document says', async () => {
    answer(
      problem(422, 'invalid-arguments', 'Look again.', {
        errors: [{ pointer: '/args/n', detail: 'n is odd.' }],
      }),
    );
    const error = (await failure(send('/x'))) as ProblemError;
    expect(error).toBeInstanceOf(ProblemError);
    expect([error.message, error.kind, error.forArgument('n')]).toEqual([
      'Look again.',
      'invalid-arguments',
      'n is odd.',
    ]);
  });

  test('makes a problem of an answer that is none, with the time to wait', async () => {
    answer(new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Retry-After': '5' } }));
    const error = (await failure(send('/x'))) as ProblemError;
    expect([error.problem.status, error.retryAfter]).toEqual([502, 5]);
  });

  test('tells an unreachable server from an abort', async () => {
    const controller = new AbortController();
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('fetch failed');
    });
    expect(await failure(send('/x'))).toBeInstanceOf(OfflineError);
    controller.abort();
    expect(await failure(send('/x', { signal: controller.signal }))).toBeInstanceOf(TypeError);
  });
});

describe('calls', () => {
  let server: StandIn;
  beforeEach(() => {
    server = new StandIn();
    vi.stubGlobal('fetch', server.fetch);
  });

  test('a long poll carries the version that is known', async () => {
    await failure(awaitJob('job_1', '"7"', 20));
    const [{ path, headers } = { path: '', headers: new Headers() }] = server.requests;
    expect([path, headers.get('If-None-Match'), headers.get('Prefer')]).toEqual([
      '/v1/jobs/job_1',
      '"7"',
      'wait=20',
    ]);
  });

  test('digits are cut out of a whole answer too', async () => {
    answer(new Response('0123456789', { status: 200 }));
    expect(await getDigits('job_1', 3, 6)).toBe('345');
  });
});
