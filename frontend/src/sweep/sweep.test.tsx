import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../test/render';
import { problem, type StandIn } from '../../test/standIn';

const estimate = () => within(screen.getByRole('region', { name: 'Estimate' }));
const field = (name: string) => screen.findByRole('textbox', { name });
const posted = (server: StandIn) =>
  server.requests.filter((r) => r.method === 'POST' && r.path === '/v1/batches');

describe('a sweep', () => {
  test('is started from the list of jobs as one request, and leads to its batch', async () => {
    const { user, server } = openApp('/jobs');
    await user.click(await screen.findByRole('link', { name: 'Sweep' }));
    const to = await field('To');
    await user.clear(to);
    await user.type(to, '12');
    await screen.findByText('F(1), F(2) … F(12)');
    await waitFor(() => expect(estimate().getByText('F(12)', { exact: false })).toBeDefined());
    await user.click(screen.getByRole('button', { name: 'Add a label' }));
    await user.type(screen.getByRole('textbox', { name: 'Name of label 1' }), 'run');
    await user.type(screen.getByRole('textbox', { name: 'Value of label 1' }), 'a');
    await user.click(screen.getByRole('button', { name: 'Start 12 jobs' }));
    await screen.findByRole('heading', { level: 1, name: /^Batch of 12/ });
    const [request, ...more] = posted(server);
    expect(more).toEqual([]);
    expect(request?.headers.get('Idempotency-Key')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(request?.body).toMatchObject({ labels: { run: 'a', sweep: 'F(1), F(2) … F(12)' } });
    expect(server.jobs.size).toBe(12);
    const asked = server.requests.filter(({ path }) => path === '/v1/estimates').map(({ body }) => body);
    expect(asked.length).toBeLessThan(6);
    await user.click(within(screen.getByRole('navigation', { name: 'Breadcrumb' })).getByRole('link'));
    const row = within(await screen.findByRole('table', { name: 'Batches, newest first' })).getByRole('link');
    expect([row.textContent, row.getAttribute('href')]).toEqual([
      'F(1), F(2) … F(12)',
      expect.stringMatching(/^\/batches\/batch_/),
    ]);
  });

  test('is not sent while a field is wrong, which takes the focus', async () => {
    const { user, server } = openApp('/sweep?from=10&to=9');
    expect(await screen.findByText('It ends before it begins. Write 10 or more.')).toBeDefined();
    expect(estimate().getByText('The number of jobs follows once the range can be read.')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Start' }));
    expect(document.activeElement).toBe(await field('To'));
    expect(server.requests.some(({ method }) => method === 'POST')).toBe(false);
  });

  test('of too many jobs offers the step with which they are few enough', async () => {
    const { user } = openApp('/sweep?from=1&to=1e6');
    await user.click(await screen.findByRole('button', { name: 'Take steps of 100' }));
    expect(((await field('In steps of')) as HTMLInputElement).value).toBe('100');
    expect(await screen.findByRole('button', { name: 'Start 10,000 jobs' })).toBeDefined();
  });

  test('beyond the limit of a job offers the largest value', async () => {
    const { user } = openApp('/sweep?function=ackermann&over=n&args.m=3&from=1&to=1e12&step=1e11');
    await user.click(await screen.findByRole('button', { name: 'Use n = 10⁹' }));
    expect(((await field('To')) as HTMLInputElement).value).toBe('1000000000');
    expect(((await field('Value of m')) as HTMLInputElement).value).toBe('3');
  });

  test('whose jobs are refused says so beside the field', async () => {
    const { user, server } = openApp('/sweep?to=3');
    server.refuse = () =>
      problem(422, 'invalid-arguments', 'See errors.', {
        errors: [{ pointer: '/jobs/2/args/n', detail: 'n is too odd.' }],
      });
    await user.click(await screen.findByRole('button', { name: 'Start 3 jobs' }));
    expect(await screen.findByText('n is too odd.')).toBeDefined();
    expect((await field('To')).getAttribute('aria-invalid')).toBe('true');
  });

  test('that is refused as a whole says why, and keeps what was typed', async () => {
    const { user, server } = openApp('/sweep?to=3');
    server.refuse = () => problem(429, 'quota-exceeded', 'Too many jobs have not ended.');
    await user.click(await screen.findByRole('button', { name: 'Start 3 jobs' }));
    expect(await screen.findByText(/Too many jobs have not ended\./)).toBeDefined();
    server.refuse = null;
    await user.click(screen.getByRole('button', { name: 'Start 3 jobs' }));
    await screen.findByRole('heading', { level: 1, name: /^Batch of 3/ });
  });
});
