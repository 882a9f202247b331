import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { attemptAt, documentResult, jobIn, lineAt, resultOf } from '../../test/jobs';
import { openApp } from '../../test/render';
import type { Job, JobState, Progress } from '../api/types';

const id = jobIn('queued').id;
const openJob = (state: JobState, own: Partial<Job> = {}) =>
  openApp(`/jobs/${id}`, (server) => server.put(jobIn(state, own)));

describe('a job that goes on', () => {
  test('is followed from the queue to its digits, without a reload', async () => {
    const { server } = openJob('queued');
    await screen.findByText('Waiting for a worker');
    expect(document.title).toBe('Queued · F(10⁸) · Numbermill');

    act(() => void server.put(jobIn('running', { version: '2' })));
    await screen.findByText('Doubling 18 of 27');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('41.5');
    await waitFor(() => expect(document.title).toBe('41 % · F(10⁸) · Numbermill'));

    act(() => void server.put(jobIn('succeeded', { version: '3' })));
    await screen.findByText('Verified');
    expect(document.title).toBe('F(10⁸) · Numbermill');
    expect(screen.getByText(/is done\. 20,898,764 digits, verified\./)).toBeDefined();
  });

  test('is listened to by one stream, which ends with it', async () => {
    const { server } = openJob('running');
    await screen.findByText('Doubling 18 of 27');
    await waitFor(() => expect(server.streams.open.size).toBe(1));
    const asked = server.requests.length;
    const running = jobIn('running');
    const told = { ...running.progress, percent: 73.25, detail: 'Doubling 25 of 27' } as Progress;
    act(() => server.streams.progressed(running, told));
    await screen.findByText('Doubling 25 of 27');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('73.3');
    act(() => void server.put(jobIn('succeeded', { version: '2' })));
    await screen.findByText('Verified');
    expect([server.streams.open.size, server.streams.opened]).toEqual([0, 1]);
    expect(server.requests.slice(asked).filter(({ headers }) => headers.get('Prefer'))).toEqual([]);
  });

  test('has one stream though its effects run twice, and none when it is left', async () => {
    const { server, unmount } = openApp(
      `/jobs/${id}`,
      (standIn) => {
        standIn.put(jobIn('running'));
        standIn.write(id, lineAt(1, 'attempt started'));
      },
      true,
    );
    await screen.findByText('attempt started');
    await waitFor(() => expect(server.streams.open.size).toBe(1));
    act(() => server.write(id, lineAt(2, 'halfway there')));
    expect(await screen.findAllByText('halfway there')).toHaveLength(1);
    unmount();
    expect(server.streams.open.size).toBe(0);
  });

  test.each(['refused', 'silent'] as const)('is asked for where its stream is %s', async (manner) => {
    const { server } = openApp(`/jobs/${id}`, (standIn) => {
      standIn.streams.manner = manner;
      standIn.put(jobIn('queued'));
    });
    await screen.findByText('Waiting for a worker');
    act(() => void server.put(jobIn('running', { version: '2' })));
    await screen.findByText('Doubling 18 of 27');
    act(() => void server.put(jobIn('succeeded', { version: '3' })));
    await screen.findByText('Verified');
  });

  test('is caught up with after its stream broke', async () => {
    const { server } = openJob('running');
    await waitFor(() => expect(server.streams.open.size).toBe(1));
    server.streams.manner = 'silent';
    server.put(jobIn('succeeded', { version: '2' }));
    act(() => server.streams.cut());
    await screen.findByText('Verified');
  });

  test('tells its place in the queue, and when it may start', async () => {
    const at = (position: string, wait: number[]) => ({
      queue: { name: 'large', position, wait_estimate_seconds: wait },
    });
    const { server } = openJob('queued', at('3', [5, 10]));
    await screen.findByText('3 ahead, starts in 5–10 s');
    expect(screen.getByText('th in line').parentElement?.textContent).toBe('4th in line');
    act(() => void server.put(jobIn('queued', at('0', [0, 2]))));
    await screen.findByText('Next in line, starts in about 2 s');
  });

  test('tells its deadline', async () => {
    const deadline = new Date(Date.now() + 5000).toISOString();
    openJob('running', { deadline });
    expect(await screen.findByText(/Ends .* unless it is done by then\./)).toBeDefined();
  });

  test('that waits for its time says when it starts', async () => {
    openJob('scheduled');
    expect(await screen.findByText('Starts')).toBeDefined();
    expect(screen.getByText(/in your time zone\. Then it goes into the queue by itself/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeDefined();
  });

  test('shows its attempts with their outcomes', async () => {
    const ended_at = attemptAt(1, 6).started_at;
    const error = { code: 'verification-failed', detail: 'The result did not pass its check.' };
    openApp(`/jobs/${id}`, (server) => {
      server.put(jobIn('running', { attempt: 3 }));
      server.attempts.set(id, [
        attemptAt(1, 0, { state: 'lost', ended_at }),
        attemptAt(2, 0, { state: 'failed', ended_at, error }),
        attemptAt(3, 7),
      ]);
    });
    expect(await screen.findByText('Worker lost after 6.0 s')).toBeDefined();
    expect(screen.getByText('Failed after 6.0 s')).toBeDefined();
    expect(screen.getByText(error.detail)).toBeDefined();
    expect(screen.getByText(/^Running for/)).toBeDefined();
    expect(screen.getByText('1 of at most 3 failed')).toBeDefined();
  });

  test('shows what workers write, as they write it', async () => {
    const { server } = openApp(`/jobs/${id}`, (standIn) => {
      standIn.put(jobIn('running'));
      standIn.write(id, lineAt(1, 'attempt started', { attributes: { function: 'fibonacci' } }));
    });
    await screen.findByText('attempt started');
    expect(screen.getByText('attempt=1 function=fibonacci')).toBeDefined();
    await waitFor(() => expect(server.streams.open.size).toBe(1));
    act(() => server.write(id, lineAt(2, 'halfway there')));
    await screen.findByText('halfway there');
    expect(screen.getAllByText('attempt started')).toHaveLength(1);
    expect(screen.getByRole('button', { name: 'Copy log' })).toBeDefined();
  });

  test('says that it was started again by itself', async () => {
    openJob('running', { attempt: 2 });
    expect(await screen.findByText('Started again by itself.')).toBeDefined();
  });

  test('says that its digits are gone, if they are, and can be computed again', async () => {
    openJob('succeeded', { result: null });
    expect(await screen.findByText('The digits are gone.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Run again' })).toBeDefined();
  });

  test('is cancelled by the button, which shows at once, and can be changed', async () => {
    const { user, server } = openJob('running');
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    const change = await screen.findByRole('link', { name: 'Change' });
    expect(change.getAttribute('href')).toBe('/tasks/fibonacci?n=100000000');
    expect(screen.getByText(/^Cancelled at/)).toBeDefined();
    expect(server.streams.open.size).toBe(0);
  });

  test('stands still with its last figures while the server is away, and catches up', async () => {
    const { server, client } = openJob('running');
    await screen.findByText('Doubling 18 of 27');
    server.offline = true;
    await act(() => client.invalidateQueries());
    await screen.findByText('You are offline.');
    expect(screen.getByText(/^Last known/)).toBeDefined();
    server.offline = false;
    act(() => {
      server.put(jobIn('succeeded', { version: '2' }));
      window.dispatchEvent(new Event('online'));
    });
    await screen.findByText('Verified');
    await waitFor(() => expect(screen.queryByText('You are offline.')).toBeNull());
  });
});

describe('a result', () => {
  test('shows its ends, size, timing, check and download', async () => {
    openJob('succeeded');
    await screen.findByRole('region', { name: 'First and last digits' });
    const text = document.body.textContent ?? '';
    for (const words of [
      '20,898,724 digits between',
      'Took 752 ms',
      'Remainder modulo 1,000,000,007',
      '908,460,138',
    ]) {
      expect(text).toContain(words);
    }
    const download = screen.getByRole('link', { name: 'Download 20.9 MB' });
    expect([download.getAttribute('href'), download.hasAttribute('download')]).toEqual([
      `/v1/jobs/${id}/result`,
      true,
    ]);
  });

  test('of up to 40 digits is shown as a whole', async () => {
    openJob('succeeded', {
      result: { ...resultOf(25), leading: '1234567890'.repeat(2), trailing: '67890123456789012345' },
    });
    const number = await screen.findByRole('region', { name: 'The number' });
    expect(number.querySelector('.digits')?.textContent).toBe('1234567890123456789012345');
  });

  test('keeps its log folded, and reads it when it is opened', async () => {
    const { server, user } = openApp(`/jobs/${id}`, (standIn) => {
      standIn.put(jobIn('succeeded'));
      standIn.write(id, lineAt(1, 'attempt succeeded'));
    });
    await user.click(await screen.findByText('Log'));
    await screen.findByText('attempt succeeded');
    expect(server.requests.filter(({ path }) => path.endsWith('/logs'))).toHaveLength(1);
  });

  test('is run again as a new job, which tells what it repeats', async () => {
    const { server, user } = openJob('succeeded');
    server.loseAnswer = true; // the request is sent once more, with the same key
    await user.click(await screen.findByRole('button', { name: 'Run again' }));
    await screen.findByText('Waiting for a worker');
    expect(window.location.pathname).not.toBe(`/jobs/${id}`);
    expect(server.jobs.size).toBe(2);
    const origin = screen.getByRole('link', { name: 'Retry of job_01938f21…1a2b' });
    expect(origin.getAttribute('href')).toBe(`/jobs/${id}`);
  });

  test('is deleted only when asked twice', async () => {
    const { user, server } = openJob('succeeded');
    await user.click(await screen.findByRole('button', { name: 'Delete' }));
    expect(document.activeElement?.textContent).toBe('Keep');
    await user.click(screen.getByRole('button', { name: 'Keep' }));
    expect(server.jobs.size).toBe(1);
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await screen.findByText('No jobs yet');
    expect(server.jobs.size).toBe(0);
  });
});

describe('a job without a result', () => {
  test('that failed says why', async () => {
    openJob('failed');
    expect(await screen.findByText('The result did not pass its check.')).toBeDefined();
    expect(screen.getByText('Reason verification-failed')).toBeDefined();
    expect(screen.getByText(/This points to a faulty worker/)).toBeDefined();
  });

  test('that expired says so', async () => {
    openJob('expired');
    expect(await screen.findByText(/^Expired at .* after it was submitted\.$/)).toBeDefined();
    expect(screen.getByText(/Run it again, or change it to have a later deadline/)).toBeDefined();
  });

  test('that is not there is not found', async () => {
    openApp('/jobs/job_nope');
    expect(await screen.findByRole('heading', { level: 1, name: 'No job at this address' })).toBeDefined();
  });
});

describe('Kibana', () => {
  const trace = 'http://127.0.0.1:5601/app/apm/link-to/trace/abc';
  const search = "http://127.0.0.1:5601/app/discover#/?_a=(query:'trace.id:%22abc%22')";

  test('shows the trace and the log lines of a job, in a tab of its own', async () => {
    openJob('queued', { links: { ...jobIn('queued').links, trace, log_search: search } });
    const links = [
      await screen.findByRole('link', { name: 'Where the time went' }),
      screen.getByRole('link', { name: 'All log lines' }),
    ] as HTMLAnchorElement[];
    expect(links.map((link) => [link.getAttribute('href'), link.target, link.rel])).toEqual([
      [trace, '_blank', 'noreferrer'],
      [search, '_blank', 'noreferrer'],
    ]);
  });

  test('is not named where there is none', async () => {
    openJob('queued');
    await screen.findByText('Details');
    expect(screen.getByText(jobIn('queued').trace_id)).toBeDefined();
    expect(screen.queryByText(/Kibana/)).toBeNull();
  });
});

describe('a document of facts', () => {
  const document = {
    function: 'ackermann',
    args: { m: '4', n: '3' },
    method: 'facts',
    result: documentResult,
  };

  test('is shown fact by fact', async () => {
    openJob('succeeded', document);
    expect(await screen.findByText('2↑↑6 − 3')).toBeDefined();
    expect(screen.getByText('First 50 digits')).toBeDefined();
    expect(screen.getByText('Last 1,000 digits')).toBeDefined();
    expect(screen.getByText(/ends in the last 4 of them too\.$/)).toBeDefined();
    expect(screen.getByText('528,011,104')).toBeDefined();
    expect(screen.getByText('It takes too long to find.')).toBeDefined();
    expect(screen.getByText(/Each of these facts was found a second time/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Copy facts' })).toBeDefined();
    expect(screen.queryByText('Trailing zeros')).toBeNull();
  });

  test('is asked for in the same way again', async () => {
    const { user } = openJob('succeeded', document);
    await user.click(await screen.findByRole('radio', { name: 'CLI' }));
    expect(
      screen.getByText('numbermill compute ackermann m=4 n=3 --method facts -o facts.json'),
    ).toBeDefined();
  });
});
