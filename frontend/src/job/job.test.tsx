import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { documentResult, jobIn, resultOf } from '../../test/jobs';
import { openApp } from '../../test/render';
import type { Job, JobState } from '../api/types';

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

  test('says that it was started again by itself', async () => {
    openJob('running', { attempt: 2 });
    expect(await screen.findByText('Started again by itself.')).toBeDefined();
  });

  test('says that its digits are gone, if they are, and can be computed again', async () => {
    openJob('succeeded', { result: null });
    expect(await screen.findByText('The digits are gone.')).toBeDefined();
    expect(screen.getByRole('link', { name: 'Compute again' })).toBeDefined();
  });

  test('is cancelled by the button, and can be computed again', async () => {
    const { user } = openJob('running');
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    const again = await screen.findByRole('link', { name: 'Compute again' });
    expect(again.getAttribute('href')).toBe('/tasks/fibonacci?n=100000000');
    expect(screen.getByText(/^Cancelled at/)).toBeDefined();
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
  });

  test('that expired says so', async () => {
    openJob('expired');
    expect(await screen.findByText('Expired.')).toBeDefined();
  });

  test('that is not there is not found', async () => {
    openApp('/jobs/job_nope');
    expect(await screen.findByRole('heading', { level: 1, name: 'No job at this address' })).toBeDefined();
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
