import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { jobIn } from '../../test/jobs';
import { openApp } from '../../test/render';
import type { StandIn } from '../../test/standIn';

const fill = (count: number) => (server: StandIn) => {
  for (let i = 0; i < count; i++) server.put(jobIn('succeeded', { id: `job_${i}`, args: { n: String(i) } }));
};
const rows = async () =>
  within(await screen.findByRole('table', { name: 'Jobs, newest first' }))
    .getAllByRole('row')
    .slice(1);

describe('the list of jobs', () => {
  test('is a large quiet 0 at first', async () => {
    openApp('/jobs');
    expect(await screen.findByRole('heading', { name: 'No jobs yet' })).toBeDefined();
    expect(screen.getByText('0')).toBeDefined();
  });

  test('shows a page, and more on demand', async () => {
    const { user } = openApp('/jobs', fill(30));
    expect(await rows()).toHaveLength(25);
    await user.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(async () => expect(await rows()).toHaveLength(30));
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  test('follows by itself while a job is active', async () => {
    const { server } = openApp('/jobs', (standIn) => standIn.put(jobIn('running')));
    expect((await rows())[0]?.textContent).toContain('Running');
    expect(screen.getByText('Updates live')).toBeDefined();
    act(() => void server.put(jobIn('succeeded', { version: '2' })));
    await waitFor(async () => expect((await rows())[0]?.textContent).toContain('20,898,764'));
    await waitFor(() => expect(screen.queryByText('Updates live')).toBeNull());
  });

  test('is filtered by state and function, which stand in the address', async () => {
    const { user, server } = openApp('/jobs?state=active', (standIn) => {
      standIn.put(jobIn('running', { id: 'job_a' }));
      standIn.put(jobIn('queued', { id: 'job_b', function: 'factorial' }));
      standIn.put(jobIn('failed', { id: 'job_c' }));
    });
    expect(await rows()).toHaveLength(2);
    expect(server.requests.some(({ path }) => path.includes('state=queued&state=running'))).toBe(true);
    await screen.findByRole('option', { name: 'Factorial' });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Function' }), 'Factorial');
    await waitFor(async () => expect(await rows()).toHaveLength(1));
    await user.click(screen.getByRole('radio', { name: 'Failed' }));
    expect(await screen.findByText('No failed jobs here')).toBeDefined();
    expect(window.location.search).toBe('?state=failed&function=factorial');
    await user.click(screen.getByRole('button', { name: 'Clear filter' }));
    await waitFor(async () => expect(await rows()).toHaveLength(3));
  });

  test('tells retries and jobs to come, and filters by them', async () => {
    const { user } = openApp('/jobs', (standIn) => {
      standIn.put(jobIn('scheduled', { id: 'job_a' }));
      standIn.put(jobIn('queued', { id: 'job_b', retry_of: 'job_x', priority: 'high' }));
    });
    const [scheduled, retried] = await rows();
    expect(scheduled?.textContent).toMatch(/Scheduled.*Starts on/);
    expect(retried?.textContent).toMatch(/Retry.*High.*Waiting for a worker/);
    await user.click(screen.getByRole('radio', { name: 'Scheduled' }));
    await waitFor(async () => expect(await rows()).toHaveLength(1));
  });

  test('runs again what has failed of what is listed', async () => {
    const { user, server } = openApp('/jobs', (standIn) => {
      for (const id of ['job_a', 'job_b']) standIn.put(jobIn('failed', { id }));
      standIn.put(jobIn('succeeded', { id: 'job_c' }));
    });
    await user.click(await screen.findByRole('button', { name: 'Retry all 2 that failed' }));
    await screen.findByRole('heading', { level: 1, name: /^Batch of 2/ });
    expect(server.requests.find(({ path }) => path === '/v1/batches')?.body).toEqual({
      retry_of: ['job_a', 'job_b'],
    });
    expect(await rows()).toHaveLength(2);
  });

  test('shows batches above all jobs, and is narrowed to one of them', async () => {
    const batch = 'batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b';
    const { user } = openApp('/jobs', (standIn) => {
      for (const state of ['succeeded', 'failed', 'queued'] as const) {
        standIn.put(jobIn(state, { id: `job_${state}`, batch }));
      }
      standIn.put(jobIn('succeeded', { id: 'job_other' }));
    });
    const batches = within(await screen.findByRole('table', { name: 'Batches, newest first' }));
    expect(batches.getAllByRole('row')[1]?.textContent).toMatch(/Running.*Batch of 3.*2 of 3.*1 failed/);
    expect(await rows()).toHaveLength(4);
    await user.click(batches.getByRole('link', { name: 'Batch of 3' }));
    await user.click(await screen.findByRole('link', { name: 'Filter them in the list of jobs' }));
    await waitFor(async () => expect(await rows()).toHaveLength(3));
    expect(window.location.search).toBe(`?batch=${batch}`);
    await user.click(screen.getByRole('radio', { name: 'Failed' }));
    await waitFor(async () => expect(await rows()).toHaveLength(1));
    await user.click(screen.getByRole('button', { name: 'Of any batch' }));
    await waitFor(() => expect(window.location.search).toBe('?state=failed'));
  });

  test('leads to a job by its id', async () => {
    const { user } = openApp('/jobs', (standIn) => standIn.put(jobIn('succeeded', { id: 'job_x' })));
    await user.type(screen.getByRole('searchbox'), 'job_x{Enter}');
    await screen.findByText('Verified');
    expect(window.location.pathname).toBe('/jobs/job_x');
  });
});
