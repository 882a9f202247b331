import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { jobIn } from '../../test/jobs';
import { openApp } from '../../test/render';
import type { StandIn } from '../../test/standIn';
import type { JobState } from '../api/types';

const batch = 'batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b';
const holding =
  (...states: JobState[]) =>
  (server: StandIn) =>
    states.forEach((state, i) => {
      server.put(jobIn(state, { id: `job_${i}`, batch, args: { n: String(i) } }));
    });
const progress = () => screen.findByRole('progressbar', { name: 'Jobs that have ended' });
const reached = async () => (await progress()).getAttribute('aria-valuenow');

describe('a batch', () => {
  test('shows how many jobs stand where, follows by itself, and says when it has ended', async () => {
    const { server } = openApp(`/batches/${batch}`, holding('succeeded', 'failed', 'running', 'queued'));
    expect(await reached()).toBe('2');
    expect(screen.getByText('of 4 ended')).toBeDefined();
    expect(document.title).toBe('2 of 4 · Batch · Numbermill');
    act(() => holding('succeeded', 'failed', 'succeeded', 'succeeded')(server));
    await waitFor(async () => expect(await reached()).toBe('4'));
    expect(await screen.findByText('The batch has ended. 3 of 4 jobs succeeded.')).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Cancel batch' })).toBeNull();
    expect(screen.getByText('2.0 s')).toBeDefined();
    expect(screen.getByText('2 a second')).toBeDefined();
  });

  test('waits for the next version where the server tells versions, and says how fast it goes', async () => {
    const { server } = openApp(`/batches/${batch}`, (standIn) => {
      standIn.versions = true;
      holding('succeeded', 'running', 'queued', 'queued')(standIn);
    });
    expect(await reached()).toBe('1');
    const asked = () => server.requests.filter(({ path }) => path === `/v1/batches/${batch}`);
    await waitFor(() => expect(asked()).toHaveLength(2));
    const [first, second] = asked().map(({ headers }) => [
      headers.get('If-None-Match'),
      headers.get('Prefer'),
    ]);
    expect(first).toEqual([null, null]);
    expect(second).toEqual([expect.stringMatching(/^".+"$/), 'wait=10']);
    act(() => void server.put(jobIn('succeeded', { id: 'job_1', batch })));
    await waitFor(async () => expect(await reached()).toBe('2'));
    expect(screen.getByText(/ a second$/)).toBeDefined();
    expect(screen.getByText('succeeded, list them').closest('a')?.getAttribute('href')).toBe(
      `/jobs?state=succeeded&batch=${batch}`,
    );
  });

  test('is cancelled only when asked twice', async () => {
    const { user, server } = openApp(`/batches/${batch}`, holding('succeeded', 'running', 'queued'));
    await user.click(await screen.findByRole('button', { name: 'Cancel batch' }));
    expect(screen.getByText('Cancel 2 jobs that have not ended?')).toBeDefined();
    expect(document.activeElement?.textContent).toBe('Keep');
    await user.click(screen.getByRole('button', { name: 'Cancel batch' }));
    await waitFor(async () => expect(await reached()).toBe('3'));
    expect([...server.jobs.values()].map(({ state }) => state)).toEqual([
      'succeeded',
      'cancelled',
      'cancelled',
    ]);
  });

  test('runs again what has failed of it', async () => {
    const { user, server } = openApp(`/batches/${batch}`, holding('succeeded', 'failed'));
    await user.click(await screen.findByRole('button', { name: 'Retry 1 failed' }));
    await waitFor(() =>
      expect(server.requests.find(({ method }) => method === 'POST')?.body).toEqual({ retry_of: ['job_1'] }),
    );
  });

  test('that is not there is not found', async () => {
    openApp('/batches/batch_nope');
    expect(await screen.findByRole('heading', { level: 1, name: 'No batch at this address' })).toBeDefined();
  });
});
