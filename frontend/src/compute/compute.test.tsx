import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../test/render';
import { problem } from '../../test/standIn';

const field = (name = 'Value of n') => screen.findByLabelText<HTMLInputElement>(name);
const estimate = () => screen.findByRole('region', { name: 'Estimate' });

describe('the front page', () => {
  test('offers every function of the catalogue and starts with the first', async () => {
    openApp('/');
    const cards = await screen.findAllByRole('radio', {
      name: /Fibonacci numbers|Factorial|Ackermann|Primorial/,
    });
    expect(cards).toHaveLength(5);
    expect((await field()).value).toBe('1000');
    expect(document.title).toBe('Compute · Numbermill');
  });

  test('builds the form of the chosen function from its schema', async () => {
    const { user } = openApp('/');
    await user.click(await screen.findByRole('radio', { name: 'Ackermann' }));
    expect((await field('Value of m')).value).toBe('4');
    expect((await field('Value of n')).value).toBe('2');
    expect(screen.getByRole('button', { name: /Compute A\(4, 2\)/ })).toBeDefined();
  });

  test('submits on Enter and opens the page of the job', async () => {
    const { user, server } = openApp('/');
    await user.clear(await field());
    await user.type(await field(), '1e6{Enter}');
    await screen.findByText('Waiting for a worker');
    expect(window.location.pathname).toMatch(/^\/jobs\/job_/);
    const posted = server.requests.find(({ method, path }) => method === 'POST' && path === '/v1/jobs');
    expect(posted?.body).toEqual({ function: 'fibonacci', args: { n: '1e6' }, method: 'fast' });
  });
});

describe('the form of one function', () => {
  test('says how a value was read, and what it would cost', async () => {
    const { user } = openApp('/tasks/fibonacci');
    await user.clear(await field());
    await user.type(await field(), '10^8');
    expect(await screen.findByText('100,000,000')).toBeDefined();
    await waitFor(async () => expect((await estimate()).textContent).toContain('20,898,765'));
    await waitFor(() => expect(window.location.search).toBe('?n=10%5E8'));
  });

  test('shows what the server says at the field, as it is', async () => {
    openApp('/tasks/fibonacci?n=1e6.5');
    const detail = await screen.findByText('“1e6.5” is not a whole number. Write 1e6, 10^6 or 1 000 000.');
    const input = await field();
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(input.getAttribute('aria-describedby')).toBe(detail.closest('p')?.id);
  });

  test('offers the largest value that fits when one is over the limit', async () => {
    const { user } = openApp('/tasks/fibonacci?n=1e12');
    expect(await screen.findByText(/times your limit/)).toBeDefined();
    await waitFor(() =>
      expect(screen.getByRole('button', { name: /^Compute/ })).toHaveProperty('disabled', true),
    );
    await user.click(screen.getByRole('button', { name: 'Use n = 10⁹' }));
    expect((await field()).value).toBe('1000000000');
    await waitFor(() =>
      expect(screen.getByRole('button', { name: /^Compute/ })).toHaveProperty('disabled', false),
    );
  });

  test('says of a number beyond writing that it is', async () => {
    const { user } = openApp('/tasks/factorial?n=10%5E200');
    expect(await screen.findByText('Nobody can write it down.')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Facts about it instead' }));
    expect(await screen.findByText('about a number that nobody can write down')).toBeDefined();
    await waitFor(() => expect(new URLSearchParams(window.location.search).get('method')).toBe('facts'));
    expect(screen.getByRole('button', { name: /^Compute/ })).toHaveProperty('disabled', false);
  });

  test('begins with the method of its address', async () => {
    const { server, user } = openApp('/tasks/fibonacci?n=1000&method=facts');
    await user.click(await screen.findByRole('button', { name: /^Compute/ }));
    await waitFor(() => expect(window.location.pathname).toMatch(/^\/jobs\/job_/));
    const posted = server.requests.find(({ method, path }) => method === 'POST' && path === '/v1/jobs');
    expect(posted?.body).toEqual({ function: 'fibonacci', args: { n: '1000' }, method: 'facts' });
  });

  test('switches between a Fibonacci number and the sum, and keeps what was typed', async () => {
    const { user } = openApp('/tasks/fibonacci?n=12345');
    await user.click(await screen.findByRole('radio', { name: 'Sum from 0 to n' }));
    await screen.findByRole('heading', { level: 1, name: 'Sum of Fibonacci numbers' });
    expect(window.location.pathname).toBe('/tasks/fibonacci-sum');
    expect((await field()).value).toBe('12345');
    await user.click(screen.getByRole('radio', { name: 'One number' }));
    await screen.findByRole('heading', { level: 1, name: 'Fibonacci numbers' });
    expect((await field()).value).toBe('12345');
  });

  test('follows a link to the same page with another value', async () => {
    const { user } = openApp('/tasks/fibonacci?n=7');
    expect((await field()).value).toBe('7');
    const table = await screen.findByRole('table', { name: 'Examples' });
    await user.click(within(table).getByRole('link', { name: 'Open F(1,000,000)' }));
    await waitFor(async () => expect((await field()).value).toBe('1000000'));
  });

  test('needs nothing of its own for a function that the app has never heard of', async () => {
    openApp('/tasks/primorial?k=42');
    expect(await screen.findByRole('button', { name: /Compute p\(42\)#/ })).toBeDefined();
    expect(screen.queryByRole('radio', { name: 'One number' })).toBeNull();
  });

  test('makes one job, whatever is pressed twice or lost on the way', async () => {
    const { user, server } = openApp('/tasks/fibonacci?n=1000', (standIn) => {
      standIn.loseAnswer = true;
    });
    const button = await screen.findByRole('button', { name: /^Compute/ });
    await waitFor(() => expect(button).toHaveProperty('disabled', false));
    await user.dblClick(button);
    await screen.findByText('Waiting for a worker');
    const posts = server.requests.filter(({ method, path }) => method === 'POST' && path === '/v1/jobs');
    expect(posts.length).toBeGreaterThan(1);
    expect(new Set(posts.map(({ headers }) => headers.get('Idempotency-Key'))).size).toBe(1);
    expect(server.jobs.size).toBe(1);
  });

  test('sends what the options say, and shows it while they are folded', async () => {
    const { user, server } = openApp('/tasks/fibonacci?n=1000');
    await user.click(await screen.findByText('More options'));
    await user.click(screen.getByRole('radio', { name: 'High' }));
    await user.type(screen.getByLabelText('End it after'), '10');
    fireEvent.change(screen.getByLabelText('Start it'), { target: { value: '2099-11-24T02:00' } });
    expect(screen.getByText(/^High priority, starts on .*, ends after 10 min$/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: /^Compute/ }));
    await screen.findByText('Starts');
    const posted = server.requests.find(({ method, path }) => method === 'POST' && path === '/v1/jobs');
    expect(posted?.body).toEqual({
      function: 'fibonacci',
      args: { n: '1000' },
      method: 'fast',
      priority: 'high',
      deadline_seconds: 600,
      run_at: new Date(2099, 10, 24, 2).toISOString(),
    });
  });

  test('shows what is wrong with an option at the option', async () => {
    const { user } = openApp('/tasks/fibonacci?n=1000', (standIn) => {
      const errors = [{ pointer: '/deadline_seconds', detail: 'A deadline is at most 30 days.' }];
      standIn.refuse = () => problem(422, 'invalid-arguments', 'Look again.', { errors });
    });
    await user.click(await screen.findByRole('button', { name: /^Compute/ }));
    const detail = await screen.findByText('A deadline is at most 30 days.');
    expect(screen.getByLabelText('End it after').getAttribute('aria-describedby')).toBe(detail.id);
    expect(detail.closest('details')?.open).toBe(true);
  });

  test('keeps what was typed when a job is refused, and says why', async () => {
    const { user, server } = openApp('/tasks/fibonacci?n=1000', (standIn) => {
      standIn.refuse = () => problem(429, 'quota-exceeded', 'You have 100 jobs already.');
    });
    await user.click(await screen.findByRole('button', { name: /^Compute/ }));
    expect((await screen.findByRole('alert')).textContent).toContain('You have 100 jobs already.');
    expect(screen.getByRole('link', { name: 'What this means' }).getAttribute('href')).toBe(
      '/problems/quota-exceeded',
    );
    expect((await field()).value).toBe('1000');
    server.refuse = null;
  });
});

test('a function that does not exist is not found', async () => {
  openApp('/tasks/collatz');
  expect(await screen.findByRole('heading', { level: 1, name: 'No function of that name' })).toBeDefined();
});
